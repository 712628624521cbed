//! Bytes to text. STUB
use crate::model::{CharsetFacts, Decided};

/// A document as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The text, without byte order mark.
    pub text: String,
    /// How the bytes became it.
    pub facts: CharsetFacts,
}

/// Decodes `bytes`: `setting` (the source's own) before BOM before `content_type` (the HTTP header's value) before document before detector.
#[must_use]
pub fn decode(bytes: &[u8], setting: Option<&str>, content_type: Option<&str>) -> Decoded {
    let _ = (setting, content_type);
    Decoded {
        text: String::from_utf8_lossy(bytes).into_owned(),
        facts: CharsetFacts {
            header: None,
            document: None,
            used: "UTF-8".into(),
            decided: Decided::Utf8,
            garbled: 0.0,
        },
    }
}
