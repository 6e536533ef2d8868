//! Digests as stores keep them.

use lectern_domain::digest::Digest;

/// The digest that a text of 64 hexadecimal digits stands for.
pub(crate) fn digest(hex: &str) -> Option<Digest> {
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).ok()?;
    }
    Some(Digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_as_they_are_written() {
        let of = Digest::of("abc");
        assert_eq!(digest(&of.to_hex()), Some(of));
        assert_eq!((digest("é"), digest(&"é".repeat(32)), digest(&"+f".repeat(32)), digest("")), (None, None, None, None));
    }
}
