//! The body of an answer in chunked encoding (RFC 9112, section 7.1), from bytes that may be cut anywhere.

/// Where in an answer the next byte is.
enum Place {
    /// In the head, after so many bytes of the blank line that ends it.
    Head(usize),
    /// In a chunk's size, read so far.
    Size(usize),
    /// In a chunk, before its last so many bytes.
    Data(usize),
}

/// Reads one answer.
pub(crate) struct Chunked(Place);

impl Chunked {
    pub(crate) fn new() -> Self {
        Self(Place::Head(0))
    }

    /// Adds the content that these bytes hold to `content`.
    pub(crate) fn push(&mut self, mut bytes: &[u8], content: &mut Vec<u8>) {
        while let Some(&byte) = bytes.first() {
            let mut taken = 1;
            self.0 = match self.0 {
                Place::Head(seen) => match (seen, byte) {
                    (0 | 2, b'\r') => Place::Head(seen + 1),
                    (1, b'\n') => Place::Head(2),
                    (3, b'\n') => Place::Size(0),
                    _ => Place::Head(0),
                },
                Place::Size(size) => match char::from(byte).to_digit(16) {
                    Some(digit) => Place::Size(size * 16 + digit as usize),
                    // A line end of its own comes before every size but the first.
                    None if byte == b'\n' && size > 0 => Place::Data(size),
                    None => Place::Size(size),
                },
                Place::Data(left) => {
                    taken = left.min(bytes.len());
                    content.extend_from_slice(&bytes[..taken]);
                    if taken == left { Place::Size(0) } else { Place::Data(left - taken) }
                }
            };
            bytes = &bytes[taken..];
        }
    }
}
