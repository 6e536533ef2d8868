//! The sections about mail and about how often one may try.

use crate::Secret;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How the connection to an SMTP server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// TLS from the first byte.
    Tls,
    /// Plain at first, then TLS, without which nothing is sent.
    StartTls,
    /// Not at all.
    None,
}

/// In which language Lectern's own mails are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailLanguage {
    /// French: the reference's texts, of which two are in English.
    Fr,
    /// English.
    En,
}

/// `[mail]`: how people are written to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailSettings {
    /// A folder that mails are written to as files, instead of being sent. Default: `<data>/mails` with `ENV=dev` and `unittest`, where no
    /// server is named.
    pub folder: Option<PathBuf>,
    /// The SMTP server that mails leave through.
    pub smtp_host: Option<String>,
    /// Its port.
    pub smtp_port: u16,
    /// How the connection to it is protected.
    pub smtp_tls: SmtpTls,
    /// A file of authorities that its certificate may come from, besides those that the system trusts.
    pub smtp_ca: Option<PathBuf>,
    /// Who signs in there.
    pub smtp_user: Option<String>,
    /// The password of who signs in there.
    pub smtp_password: Option<Secret<String>>,
    /// Seconds that one step of the conversation may take.
    pub smtp_timeout_s: u64,
    /// The sender's address.
    pub from: String,
    /// The address of who looks after the installation. Default: the first administrator's.
    pub contact: Option<String>,
    /// The address of the pages that people use, for links.
    pub front_url: String,
    /// In which language Lectern's own texts are.
    pub language: MailLanguage,
    /// A folder of templates that replace them.
    pub texts: Option<PathBuf>,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            folder: None,
            smtp_host: None,
            smtp_port: 587,
            smtp_tls: SmtpTls::StartTls,
            smtp_ca: None,
            smtp_user: None,
            smtp_password: None,
            smtp_timeout_s: 30,
            from: "language_model@data.gouv.fr".to_owned(),
            contact: None,
            front_url: "http://localhost:8080".to_owned(),
            language: MailLanguage::Fr,
            texts: None,
        }
    }
}

/// `[limits]`: how often one may try, within a period, and how much may be sent. 0 sets no limit to a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSettings {
    /// Seconds of the period.
    pub period_s: u64,
    /// Sign-ins from an address.
    pub sign_in_per_address: u32,
    /// Sign-ins to an account.
    pub sign_in_per_account: u32,
    /// Registrations from an address.
    pub register_per_address: u32,
    /// Requests for a new password from an address.
    pub reset_per_address: u32,
    /// Links for a new password for an account.
    pub reset_per_account: u32,
    /// Messages to who looks after the installation, from an address.
    pub contact_per_address: u32,
    /// Messages to who looks after the installation, by an account.
    pub contact_per_account: u32,
    /// The largest JSON body of a request, in bytes.
    pub json_bytes: u64,
    /// The largest file that may be sent, in bytes.
    pub upload_bytes: u64,
    /// Files of an account that may be arriving or wait to be read.
    pub waiting_uploads_per_account: u32,
    /// Collections of an account that administers nothing.
    pub collections_per_account: u32,
}

impl Default for LimitsSettings {
    fn default() -> Self {
        Self {
            period_s: 600,
            sign_in_per_address: 100,
            sign_in_per_account: 20,
            register_per_address: 20,
            reset_per_address: 20,
            reset_per_account: 5,
            contact_per_address: 60,
            contact_per_account: 20,
            json_bytes: 2 * 1024 * 1024,
            upload_bytes: 64 * 1024 * 1024,
            waiting_uploads_per_account: 100,
            collections_per_account: 100,
        }
    }
}
