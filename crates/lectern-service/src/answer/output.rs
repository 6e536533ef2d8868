//! What is sent of a model's answer, and the text that it amounts to.

use super::{masking::Masking, postprocessing::Masks};
use bytes::Bytes;
use lectern_llm::{
    LlmError,
    sse::{SseDecoder, content_delta},
};

/// The way of an answer from the model to the reader.
pub(super) enum Output {
    /// Byte for byte.
    Verbatim {
        /// Reads the same bytes.
        decoder: SseDecoder,
        /// What they say.
        text: String,
    },
    /// With addresses, numbers and links masked.
    Masked(Masking),
}

impl Output {
    /// Byte for byte where nothing is to be masked.
    pub(super) fn new(masks: Option<Masks>) -> Self {
        match masks {
            None => Self::Verbatim { decoder: SseDecoder::new(), text: String::new() },
            Some(masks) => Self::Masked(Masking::new(masks)),
        }
    }

    /// Takes a part of the model's and returns what is to be sent for it, if anything.
    ///
    /// # Errors
    /// [`LlmError::Protocol`] where it is not understood.
    pub(super) fn push(&mut self, part: Bytes) -> Result<Option<Bytes>, LlmError> {
        match self {
            Self::Verbatim { decoder, text } => {
                text.extend(decoder.push(&part)?.iter().filter_map(content_delta));
                Ok(Some(part))
            }
            Self::Masked(masking) => masking.push(&part),
        }
    }

    /// What is still to be sent once no further part comes.
    pub(super) fn finish(&mut self) -> Option<Bytes> {
        match self {
            Self::Verbatim { decoder, text } => {
                text.extend(decoder.finish().as_ref().and_then(content_delta));
                None
            }
            Self::Masked(masking) => masking.finish(),
        }
    }

    /// What was said, without blanks around.
    pub(super) fn into_text(self) -> String {
        let text = match self {
            Self::Verbatim { text, .. } => text,
            Self::Masked(masking) => masking.into_text(),
        };
        text.trim().to_owned()
    }
}
