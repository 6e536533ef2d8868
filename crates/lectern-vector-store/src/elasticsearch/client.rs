//! Requests to the store.

use super::{
    options::{Credentials, ElasticsearchOptions},
    server::Product,
};
use crate::{StoreError, rest};
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use reqwest::header::{AUTHORIZATION, HeaderValue, InvalidHeaderValue};

pub(super) use crate::rest::{Answer, Call};

/// Connections to the store.
pub(crate) type Client = rest::Client<Product>;

/// Sets up connections; opens none.
///
/// # Errors
/// [`StoreError::Mismatch`] where the address, the credentials or the certificates can't be used.
pub(crate) fn connect(options: &ElasticsearchOptions) -> Result<Client, StoreError> {
    let authorization = authorization(&options.credentials).or(Err(Client::unusable("password or elasticsearch.api_key")))?;
    Client::new(rest::Connection {
        url: &options.url,
        authorization: authorization.map(|value| (AUTHORIZATION, value)),
        ca: options.ca.as_deref(),
        timeout: options.timeout,
    })
}

/// The header that says who asks.
fn authorization(credentials: &Credentials) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
    let text = match credentials {
        Credentials::None => return Ok(None),
        Credentials::Basic { user, password } => format!("Basic {}", BASE64.encode(format!("{user}:{password}"))),
        Credentials::ApiKey(key) => format!("ApiKey {key}"),
    };
    let mut value = HeaderValue::from_str(&text)?;
    value.set_sensitive(true);
    Ok(Some(value))
}
