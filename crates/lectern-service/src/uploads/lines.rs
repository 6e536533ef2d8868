//! The whole lines of a file that comes in parts.

use crate::{ServiceError, app::App};
use lectern_domain::{
    ids::UploadId,
    upload::{PART_BYTES, Progress},
};
use lectern_persistence::repo::uploads;

/// Some whole lines, the last of a file with or without its end.
pub(super) struct Segment {
    /// Where they begin in the file, in bytes.
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
}

/// Reads a file from where a line begins.
pub(super) struct Lines {
    upload: UploadId,
    /// The part that is read next.
    next: i32,
    /// What must be passed by in it.
    skip: usize,
    /// Where what is held begins in the file.
    offset: u64,
    held: Vec<u8>,
    ended: bool,
}

impl Lines {
    /// From where the progress says that reading has come.
    pub(super) fn new(upload: UploadId, progress: &Progress) -> Self {
        let part = PART_BYTES as u64;
        Self {
            upload,
            next: i32::try_from(progress.bytes / part).unwrap_or(i32::MAX),
            skip: usize::try_from(progress.bytes % part).unwrap_or_default(),
            offset: progress.bytes,
            held: Vec::new(),
            ended: false,
        }
    }

    /// The next lines, those of a part as a rule; none at the end. A line that is longer than a part is held until its end.
    pub(super) async fn next(&mut self, app: &App) -> Result<Option<Segment>, ServiceError> {
        loop {
            if self.ended {
                return Ok(self.take(self.held.len()));
            }
            let (upload, number) = (self.upload, self.next);
            // What is held has no line's end: only what comes can have one.
            let searched = self.held.len();
            match app.bridge.read(move |conn| uploads::part(conn, upload, number)).await? {
                Some(part) => self.held.extend_from_slice(part.get(std::mem::take(&mut self.skip)..).unwrap_or_default()),
                None => self.ended = true,
            }
            self.next += 1;
            if let Some(end) = self.held[searched..].iter().rposition(|&byte| byte == b'\n') {
                return Ok(self.take(searched + end + 1));
            }
        }
    }

    fn take(&mut self, length: usize) -> Option<Segment> {
        if length == 0 {
            return None;
        }
        let rest = self.held.split_off(length);
        let bytes = std::mem::replace(&mut self.held, rest);
        let offset = self.offset;
        self.offset += length as u64;
        Some(Segment { offset, bytes })
    }
}
