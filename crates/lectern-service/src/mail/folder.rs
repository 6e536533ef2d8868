//! Mails as files of a folder, in the form that the reference's tests read.

use super::Mail;
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Mutex,
};
use uuid::Uuid;

/// A folder of mails, each a file `<n>_<32 hexadecimal digits>`, where n is how many there were before it.
pub(crate) struct MailFolder {
    path: PathBuf,
    /// One at a time, so that numbers follow each other.
    turn: Mutex<()>,
}

/// The body of a request to Mailjet's API, version 3.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sent<'a> {
    from_email: &'a str,
    recipients: [Recipient<'a>; 1],
    subject: &'a str,
    #[serde(rename = "Text-part")]
    text_part: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Recipient<'a> {
    email: &'a str,
}

impl MailFolder {
    /// A folder, which is made with the first mail.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, turn: Mutex::new(()) }
    }

    /// Deletes the mails that are there; other files stay.
    ///
    /// # Errors
    /// The system's errors.
    pub(super) fn empty(&self) -> io::Result<()> {
        for file in self.files()? {
            fs::remove_file(file)?;
        }
        Ok(())
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
        Ok(paths.into_iter().filter(|path| is_mail(path)).collect())
    }

    /// Writes a mail; others see the whole file or none. Blocks.
    ///
    /// # Errors
    /// The system's errors.
    pub(super) fn write(&self, from: &str, mail: &Mail) -> io::Result<()> {
        let mut content = Vec::new();
        let recipients = [Recipient { email: &mail.to }];
        let sent = Sent { from_email: from, recipients, subject: &mail.subject, text_part: &mail.text };
        sent.serialize(&mut Serializer::with_formatter(&mut content, PrettyFormatter::with_indent(b"    ")))?;
        let _turn = self.turn.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        fs::create_dir_all(&self.path)?;
        let id = Uuid::new_v4().simple();
        let draft = self.path.join(format!(".{id}"));
        crate::accounts::secret::write_private(&draft, &content)?;
        fs::rename(&draft, self.path.join(format!("{}_{id}", self.files()?.len())))
    }
}

/// Whether a file's name is a mail's.
fn is_mail(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.split_once('_'));
    name.is_some_and(|(number, id)| {
        !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && id.len() == 32
            && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_numbered_and_have_the_form_that_is_known() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = MailFolder::new(place.path().join("mails"));
        folder.empty().expect("nothing to do");
        for subject in ["é \"1\"", "2"] {
            let mail = Mail { to: "a@b.fr".to_owned(), subject: subject.to_owned(), text: "x\ny".to_owned() };
            folder.write("from@x.fr", &mail).expect("written");
        }
        fs::write(place.path().join("mails/notes.txt"), "x").expect("a file");
        let mut files = folder.files().expect("files");
        files.sort();
        assert!(files.len() == 2 && files[0].file_name().is_some_and(|name| name.to_string_lossy().starts_with("0_")));
        assert!(files[1].file_name().is_some_and(|name| name.to_string_lossy().starts_with("1_")));
        let expect = "{\n    \"FromEmail\": \"from@x.fr\",\n    \"Recipients\": [\n        {\n            \"Email\": \"a@b.fr\"\n        }\n    ],\n    \
                      \"Subject\": \"é \\\"1\\\"\",\n    \"Text-part\": \"x\\ny\"\n}";
        assert_eq!(fs::read_to_string(&files[0]).expect("a file"), expect);
        folder.empty().expect("emptied");
        let left: Vec<_> = fs::read_dir(place.path().join("mails")).expect("a folder").collect();
        assert_eq!(left.len(), 1, "files of others stay");
    }
}
