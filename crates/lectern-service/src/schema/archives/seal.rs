//! Encryption with age: for the holders of keys, or with a passphrase.

use super::ArchiveError;
use age::{
    Encryptor, Identity, IdentityFile, Recipient,
    secrecy::{ExposeSecret as _, SecretString},
    x25519,
};
use std::{fmt, fs::File, io::BufReader, path::PathBuf};

/// A passphrase. It shows itself nowhere.
#[derive(Clone)]
pub struct Passphrase(SecretString);

impl From<String> for Passphrase {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl PartialEq for Passphrase {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

/// For whom an archive is encrypted.
#[derive(Debug, Clone, PartialEq)]
pub enum Seal {
    /// For nobody: it is not.
    Open,
    /// For the holders of the keys of these recipients (`age1…`).
    Recipients(Vec<String>),
    /// For who knows this.
    Passphrase(Passphrase),
}

/// What an archive may be opened with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Keys {
    /// Files of identities, as `age-keygen` writes them.
    pub identities: Vec<PathBuf>,
    /// The passphrase.
    pub passphrase: Option<Passphrase>,
}

impl Seal {
    /// What encrypts; none where nothing is to be.
    pub(super) fn encryptor(&self) -> Result<Option<Encryptor>, ArchiveError> {
        match self {
            Self::Open => Ok(None),
            Self::Passphrase(Passphrase(secret)) => Ok(Some(Encryptor::with_user_passphrase(secret.clone()))),
            Self::Recipients(names) => {
                let mut recipients: Vec<Box<dyn Recipient>> = Vec::with_capacity(names.len());
                for name in names {
                    let parsed: Result<x25519::Recipient, _> = name.parse();
                    let wrong = |why: &str| ArchiveError::Recipient { recipient: name.clone(), why: why.to_owned() };
                    recipients.push(Box::new(parsed.map_err(wrong)?));
                }
                let encryptor = Encryptor::with_recipients(recipients.iter().map(|recipient| &**recipient));
                Ok(Some(encryptor.map_err(|error| ArchiveError::Unsealed(error.to_string()))?))
            }
        }
    }
}

impl Keys {
    pub(super) fn identities(&self) -> Result<Vec<Box<dyn Identity>>, ArchiveError> {
        let mut all: Vec<Box<dyn Identity>> = Vec::new();
        for path in &self.identities {
            let wrong = |why: String| ArchiveError::Identity { path: path.clone(), why };
            let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
            let file = IdentityFile::from_buffer(BufReader::new(file)).map_err(|error| wrong(error.to_string()))?;
            let identities = file.into_identities().map_err(|error| wrong(error.to_string()))?;
            all.extend(identities.into_iter().map(|identity| identity as Box<dyn Identity>));
        }
        if let Some(Passphrase(secret)) = &self.passphrase {
            all.push(Box::new(age::scrypt::Identity::new(secret.clone())));
        }
        Ok(all)
    }
}
