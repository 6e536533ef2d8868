//! How much callers may send.

/// How much callers may send and have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowances {
    /// The largest file, in bytes.
    pub upload_bytes: u64,
    /// The files of an account that may be arriving or wait to be read; none sets no limit.
    pub waiting_uploads: Option<u32>,
    /// The collections of an account that administers nothing; none sets no limit.
    pub collections: Option<u32>,
}

impl Default for Allowances {
    /// 64 MiB, 100 files, 100 collections.
    fn default() -> Self {
        Self { upload_bytes: 64 << 20, waiting_uploads: Some(100), collections: Some(100) }
    }
}
