//! How mails read: a template each, French or English, which files of a folder may replace.

use crate::{ServiceError, data_file, error::with_causes};
use minijinja::{Environment, Error, ErrorKind, Value, context};
use std::path::{Path, PathBuf};

/// The mails that there are.
const NAMES: [&str; 5] = ["welcome", "new_user", "confirmed", "reset", "contact"];

/// The longest text, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// In which language Lectern's own texts are. The French ones are the reference's to the letter, of which two are in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextLanguage {
    /// French, as the reference has them.
    #[default]
    Fr,
    /// English.
    En,
}

/// The templates of mails. Each is a first line `Subject: …`, an empty line, and the text.
pub struct MailTexts {
    templates: Environment<'static>,
}

impl MailTexts {
    /// Lectern's own texts.
    ///
    /// # Errors
    /// [`ServiceError::MailText`] where a template is not well formed.
    pub fn built_in(language: TextLanguage) -> Result<Self, ServiceError> {
        let mut texts = Self { templates: Environment::new() };
        let sources = match language {
            TextLanguage::Fr => [
                include_str!("../../mail/fr/welcome.jinja"),
                include_str!("../../mail/fr/new_user.jinja"),
                include_str!("../../mail/fr/confirmed.jinja"),
                include_str!("../../mail/fr/reset.jinja"),
                include_str!("../../mail/fr/contact.jinja"),
            ],
            TextLanguage::En => [
                include_str!("../../mail/en/welcome.jinja"),
                include_str!("../../mail/en/new_user.jinja"),
                include_str!("../../mail/en/confirmed.jinja"),
                include_str!("../../mail/en/reset.jinja"),
                include_str!("../../mail/en/contact.jinja"),
            ],
        };
        for (name, source) in NAMES.into_iter().zip(sources) {
            texts.set(name, source)?;
        }
        Ok(texts)
    }

    /// Takes the texts that a folder has instead: `welcome.jinja`, `new_user.jinja`, `confirmed.jinja`, `reset.jinja`, `contact.jinja`.
    /// Each is tried out, so that a wrong one is found now.
    ///
    /// # Errors
    /// [`ServiceError::DataFile`] where a file cannot be read or a text is wrong.
    pub fn replaced_by(mut self, folder: &Path) -> Result<Self, ServiceError> {
        if !folder.is_dir() {
            return Err(data_file::wrong(folder, "there is no such folder"));
        }
        let word = "x";
        let values = context! { email => word, username => word, front_url => word, token => word, subject => word, text => word, institution => Value::from(()) };
        for name in NAMES {
            let path: PathBuf = folder.join(format!("{name}.jinja"));
            if !path.exists() {
                continue;
            }
            let source = data_file::read(&path, MAX_BYTES)?;
            self.set(name, &source)
                .and_then(|()| self.render(name, &values))
                .map_err(|error| data_file::wrong(&path, with_causes(&error)))?;
        }
        Ok(self)
    }

    fn set(&mut self, name: &str, source: &str) -> Result<(), ServiceError> {
        let wrong = |error: Error| ServiceError::MailText { name: name.to_owned(), source: error };
        let source = source.replace("\r\n", "\n");
        let parts = source.strip_prefix("Subject: ").and_then(|rest| rest.split_once("\n\n"));
        let form = "a mail's template starts with a line `Subject: …` and an empty line";
        let (subject, text) = parts.ok_or_else(|| wrong(Error::new(ErrorKind::SyntaxError, form)))?;
        self.templates.add_template_owned(format!("{name}.subject"), subject.to_owned()).map_err(wrong)?;
        self.templates.add_template_owned(format!("{name}.text"), text.to_owned()).map_err(wrong)
    }

    /// A mail's subject and text.
    pub(super) fn render(&self, name: &str, values: &Value) -> Result<(String, String), ServiceError> {
        let part = |part: &str| self.templates.get_template(&format!("{name}.{part}")).and_then(|template| template.render(values));
        let both = part("subject").and_then(|subject| Ok((subject, part("text")?)));
        both.map_err(|source| ServiceError::MailText { name: name.to_owned(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn values() -> Value {
        context! { email => "a@b.fr", username => "a", front_url => "http://f", token => "t", subject => "S <é>", text => "T\n'&", institution => Value::from(()) }
    }

    #[track_caller]
    fn check(name: &str, subject: &str, text: &str) {
        let texts = MailTexts::built_in(TextLanguage::Fr).expect("well formed");
        let (found_subject, found_text) = texts.render(name, &values()).expect("it renders");
        assert_eq!((found_subject.as_str(), found_text.as_str()), (subject, text));
    }

    #[test]
    fn the_texts_are_the_reference_s() {
        check("welcome", "[Albert] Bienvenue !", "Un administrateur va examiner la création de votre compte.");
        check("new_user", "New user: a@b.fr", "Account email to validate: a@b.fr\nServer: http://f\n");
        let confirmed = "Votre compte a été validé, vous pouvez maintenant vous connecter à l'addresse suivante : http://f";
        check("confirmed", "[Albert] Compte créé", confirmed);
        check("reset", "Reset Password", "Click on this link to set your new password: http://f/new-password?token=t");
        check("contact", "S <é>", "---\nusername: a\nemail: a@b.fr\ninstitution: None\nserver: http://f\n---\n\nT\n'&");
    }

    #[test]
    fn a_folder_replaces_some_of_them() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("welcome.jinja"), "Subject: Hi {{ email }}\r\n\r\nCome in.\r\n").expect("a file");
        let texts = MailTexts::built_in(TextLanguage::En).expect("well formed").replaced_by(folder.path()).expect("well formed");
        assert_eq!(texts.render("welcome", &values()).expect("it renders"), ("Hi a@b.fr".to_owned(), "Come in.".to_owned()));
        assert_eq!(texts.render("reset", &values()).expect("it renders").0, "Reset your password");
    }

    #[test]
    fn what_is_wrong_with_a_template_is_found_at_start() {
        for wrong in ["Hello", "Subject: x", "Subject: {{ x\n\nHello", "Subject: x\n\n{{ nothing.at.all }}"] {
            let folder = tempfile::tempdir().expect("a folder");
            fs::write(folder.path().join("reset.jinja"), wrong).expect("a file");
            let refused = MailTexts::built_in(TextLanguage::Fr).expect("well formed").replaced_by(folder.path());
            assert!(refused.err().expect("it is wrong").to_string().contains("reset.jinja: "), "{wrong}");
        }
        let missing = MailTexts::built_in(TextLanguage::Fr).expect("well formed").replaced_by(Path::new("/nowhere/at/all"));
        assert!(matches!(missing.map(drop), Err(ServiceError::DataFile { .. })));
    }
}
