//! Who may make a request, as a type in the handler's signature.

use crate::error::ApiError;
use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use lectern_domain::user::User;
use lectern_service::{
    ServiceError,
    accounts::{Caller, Presented, authenticate},
    app::App,
};
use std::{borrow::Cow, ops::Deref};

/// Somebody whom the request was proved to come from.
pub(crate) trait Authority: Sized {
    /// Whether a caller must say who they are.
    const AUTHENTICATED: bool = true;

    /// Proves it, or refuses.
    async fn establish(app: &App, request: &HttpRequest) -> Result<Self, ApiError>;

    /// Proves what is left to be proved, before the caller is told what is wrong with the request's values.
    async fn before_complaints(&self, _: &App) -> Result<(), ApiError> {
        Ok(())
    }

    /// Whether this somebody may make such a request at all: asked once its values are known to be right, as clients are used to.
    fn permit(&self) -> Result<(), ApiError> {
        Ok(())
    }
}

/// Anybody at all: public routes.
pub(crate) struct Anyone;

/// A confirmed user.
pub(crate) struct CurrentUser(Caller);

/// A confirmed user, once the use case has proved it: it is given what the request presents, and asks the database for that and for the rest in one
/// trip. For routes that are asked often.
pub(crate) struct ProvedWithin(pub(crate) Presented);

/// An administrator.
pub(crate) struct Admin(pub Caller);

fn header(request: &HttpRequest) -> Option<Cow<'_, str>> {
    request.headers().get(AUTHORIZATION).map(|value| String::from_utf8_lossy(value.as_bytes()))
}

impl Authority for Anyone {
    const AUTHENTICATED: bool = false;

    async fn establish(_: &App, _: &HttpRequest) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl Authority for CurrentUser {
    async fn establish(app: &App, request: &HttpRequest) -> Result<Self, ApiError> {
        Ok(Self(authenticate(app, header(request).as_deref()).await?))
    }
}

impl Authority for ProvedWithin {
    async fn establish(app: &App, request: &HttpRequest) -> Result<Self, ApiError> {
        Ok(Self(Presented::read(app, header(request).as_deref())?))
    }

    async fn before_complaints(&self, app: &App) -> Result<(), ApiError> {
        let presented = self.0;
        app.bridge.read(move |c| presented.prove(c)).await?;
        Ok(())
    }
}

impl Authority for Admin {
    async fn establish(app: &App, request: &HttpRequest) -> Result<Self, ApiError> {
        let CurrentUser(caller) = CurrentUser::establish(app, request).await?;
        Ok(Self(caller))
    }

    fn permit(&self) -> Result<(), ApiError> {
        if self.0.user.is_admin { Ok(()) } else { Err(ServiceError::Forbidden.into()) }
    }
}

impl CurrentUser {
    /// The account.
    pub(crate) fn into_user(self) -> User {
        self.0.user
    }
}

impl Deref for CurrentUser {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}
