//! Bytes to text.
//!
//! In: the bytes of a document and what is said of their encoding. Out: [`Decoded`], always: bytes that stand for
//! nothing become U+FFFD and are counted. Decided by, in this order:
//!
//! 1. the source's setting: the operator has looked;
//! 2. a byte order mark, or the NUL bytes of UTF-16 without one;
//! 3. valid UTF-8, since no other text outside ASCII is that by chance, whatever was declared;
//! 4. the HTTP header, else the XML declaration or `<meta>`, unless what the other declares or what the detector takes
//!    it for reads clearly better: fewer characters that stand for nothing, or far more common Han characters;
//! 5. the detector.
//!
//! Labels are WHATWG's: `gb2312` is GBK, whose decoder is that of GB18030, and `big5` includes HKSCS.
//! Deliberately absent: entities, which are the parsers'; encodings that browsers refuse (UTF-7, UTF-32, HZ).

mod judge;
mod label;
#[cfg(test)]
mod tests;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::model::{CharsetFacts, Decided};

/// A document as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The text, without byte order mark.
    pub text: String,
    /// How the bytes became it.
    pub facts: CharsetFacts,
}

/// Decodes `bytes`: `setting` (the source's own label) before byte order mark before `content_type` (the HTTP header's
/// value) before document before detector. Labels that nobody knows are ignored.
#[must_use]
pub fn decode(bytes: &[u8], setting: Option<&str>, content_type: Option<&str>) -> Decoded {
    let header = content_type.and_then(label::of_header);
    let document = label::of_document(bytes);
    let (encoding, decided) = decide(
        bytes,
        setting.and_then(label::resolve),
        header.as_deref().and_then(label::resolve),
        document.as_deref().and_then(label::resolve),
    );
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    let garbled = judge::garbled(&text);
    let facts = CharsetFacts { header, document, used: encoding.name().to_owned(), decided, garbled };
    Decoded { text: text.into_owned(), facts }
}

fn decide(
    bytes: &[u8],
    setting: Option<&'static Encoding>,
    header: Option<&'static Encoding>,
    document: Option<&'static Encoding>,
) -> (&'static Encoding, Decided) {
    if let Some(encoding) = setting {
        return (encoding, Decided::Setting);
    }
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding, Decided::Bom);
    }
    // A declaration that could be read as ASCII is not in UTF-16 (WHATWG reads it as UTF-8 then).
    let document = document.map(|encoding| if is_utf16(encoding) { UTF_8 } else { encoding });
    if let Some(encoding) = judge::utf16(bytes) {
        return (encoding, if header.is_some_and(is_utf16) { Decided::Header } else { Decided::Detector });
    }
    let declared = header.map(|h| (h, Decided::Header)).or(document.map(|d| (d, Decided::Document)));
    if bytes.is_ascii() {
        return declared.filter(|(encoding, _)| !is_utf16(encoding)).unwrap_or((UTF_8, Decided::Utf8));
    }
    if is_utf8(bytes) {
        return declared.filter(|(encoding, _)| *encoding == UTF_8).unwrap_or((UTF_8, Decided::Utf8));
    }
    let best = judge::best(bytes, header.into_iter().chain(document));
    let decided = match (header, document) {
        (Some(h), _) if h == best => Decided::Header,
        (_, Some(d)) if d == best => Decided::Document,
        _ => Decided::Detector,
    };
    (best, decided)
}

fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Whether `bytes` are UTF-8, but for a last character that may have been cut off.
fn is_utf8(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none() && !bytes[..e.valid_up_to()].is_ascii(),
    }
}
