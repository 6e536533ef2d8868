//! Who may make a request, as a type in the handler's signature.

use crate::error::ApiError;
use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use lectern_domain::user::User;
use lectern_service::{
    ServiceError,
    accounts::{Caller, authenticate},
    app::App,
};
use std::ops::Deref;

/// Somebody whom the request was proved to come from.
pub(crate) trait Authority: Sized {
    /// Whether a caller must say who they are.
    const AUTHENTICATED: bool = true;

    /// Proves it, or refuses.
    async fn establish(app: &App, request: &HttpRequest) -> Result<Self, ApiError>;
}

/// Anybody at all: public routes.
pub(crate) struct Anyone;

/// A confirmed user.
pub(crate) struct CurrentUser(Caller);

/// An administrator.
#[expect(dead_code, reason = "the routes of administrators are still to come; the type belongs beside the other two")]
pub(crate) struct Admin(Caller);

impl Authority for Anyone {
    const AUTHENTICATED: bool = false;

    async fn establish(_: &App, _: &HttpRequest) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl Authority for CurrentUser {
    async fn establish(app: &App, request: &HttpRequest) -> Result<Self, ApiError> {
        let header = request.headers().get(AUTHORIZATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
        Ok(Self(authenticate(app, header.as_deref()).await?))
    }
}

impl Authority for Admin {
    async fn establish(app: &App, request: &HttpRequest) -> Result<Self, ApiError> {
        let CurrentUser(caller) = CurrentUser::establish(app, request).await?;
        if caller.user.is_admin { Ok(Self(caller)) } else { Err(ServiceError::Forbidden.into()) }
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
