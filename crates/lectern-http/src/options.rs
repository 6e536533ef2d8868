//! What the HTTP layer is told at start.

use crate::address::TrustedProxies;

/// How requests are taken.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The version of the installation that `healthcheck` answers with.
    pub app_version: String,
    /// The largest JSON body, in bytes; a larger one is answered with 413.
    pub body_bytes: usize,
    /// The largest file that is sent, in bytes; a larger form is answered with 413.
    pub upload_bytes: u64,
    /// Origins (`https://app.example.org`) whose pages may call the API with credentials.
    pub cors_origins: Vec<String>,
    /// Which proxies are believed when they say whom they speak for.
    pub proxies: TrustedProxies,
    /// The paths below `/api/v1` that are passed to the endpoint of the model that the body names.
    pub passthrough: Vec<String>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            app_version: "0.0.0".into(),
            body_bytes: 2 * 1024 * 1024,
            upload_bytes: 64 * 1024 * 1024,
            cors_origins: Vec::new(),
            proxies: TrustedProxies::default(),
            passthrough: Vec::new(),
        }
    }
}
