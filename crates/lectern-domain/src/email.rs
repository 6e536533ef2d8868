//! E-mail addresses: syntax only, nothing is looked up.

/// What makes two addresses the same account: the whole address in lower case.
pub fn email_key(address: &str) -> String {
    address.to_lowercase()
}
