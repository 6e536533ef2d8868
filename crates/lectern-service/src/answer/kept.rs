//! What is kept of a prompt.

use lectern_llm::Message;
use lz4::{BlockMode, BlockSize, ContentChecksum, EncoderBuilder, liblz4::BlockChecksum};
use std::io::{self, Write as _};

/// The JSON array of the messages in an LZ4 frame: level 0, blocks of 64 KiB, the content's size in the header, no checksums.
///
/// <https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md>
pub(super) fn frame(messages: &[Message]) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(messages)?;
    let mut encoder = EncoderBuilder::new()
        .level(0)
        .block_size(BlockSize::Max64KB)
        .block_mode(if json.len() <= 64 * 1024 { BlockMode::Independent } else { BlockMode::Linked })
        .checksum(ContentChecksum::NoChecksum)
        .block_checksum(BlockChecksum::NoBlockChecksum)
        .content_size(json.len() as u64)
        .build(Vec::new())?;
    encoder.write_all(&json)?;
    let (frame, written) = encoder.finish();
    written.map(|()| frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_llm::Role;
    use std::io::Read as _;

    #[test]
    fn the_header_is_the_reference_s() {
        let messages = [Message { role: Role::User, content: "Bonjour".to_owned() }];
        let frame = frame(&messages).expect("a frame");
        assert_eq!(frame[..6], [0x04, 0x22, 0x4d, 0x18, 0x68, 0x40]);
        let mut text = String::new();
        lz4::Decoder::new(frame.as_slice()).and_then(|mut decoder| decoder.read_to_string(&mut text)).expect("it decodes");
        assert_eq!(text, r#"[{"role":"user","content":"Bonjour"}]"#);
    }
}
