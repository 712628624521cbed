//! Bodies packed once and sent often (RFC 9110, section 12.5.3).

use std::{
    io::{self, Write},
    sync::OnceLock,
};

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};

/// A body shorter than this many bytes is sent as it is.
const PACKED_BYTES_MIN: usize = 1_024;
/// Of 11: beyond it, brotli takes several times as long for little.
const BROTLI_QUALITY: u32 = 5;
/// Base-two logarithm of the bytes that brotli looks back over.
const BROTLI_WINDOW: u32 = 22;
/// Of 22.
const ZSTD_LEVEL: i32 = 6;

/// How the bytes of a body are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Brotli,
    Zstd,
    Gzip,
}

impl Coding {
    /// Every one; of equally welcome ones the first that packs is taken.
    pub(super) const ALL: [Self; 4] = [Self::Plain, Self::Brotli, Self::Zstd, Self::Gzip];

    /// Its name in headers; a plain body has none.
    pub(super) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
            Self::Gzip => Some("gzip"),
        }
    }

    /// By what a tag of the packed body ends.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Brotli => "-br",
            Self::Zstd => "-zst",
            Self::Gzip => "-gz",
        }
    }

    /// The one that the client likes best. Whoever says nothing gets the body as it is.
    pub(super) fn asked(request: &HeaderMap) -> Self {
        let values = request.get_all(header::ACCEPT_ENCODING);
        let mut best = (Self::Plain, 0.0);
        let mut any = 0.0;
        let mut named = [false; 4];
        // What is liked less than the body as it is, is not taken.
        let mut plain = 0.0;
        for part in values.iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')) {
            let (name, weight) = part.split_once(';').unwrap_or((part, "q=1"));
            let weight = weight.trim().trim_start_matches(['q', 'Q']).trim_start_matches('=');
            let weight = weight.parse::<f32>().ok().filter(|w| (0.0..=1.0).contains(w)).unwrap_or(0.0);
            let name = name.trim();
            match name {
                "*" => any = weight,
                _ if name.eq_ignore_ascii_case("identity") => plain = weight,
                _ => {}
            }
            for (place, coding) in Self::ALL.into_iter().enumerate() {
                if coding.name().is_some_and(|n| n.eq_ignore_ascii_case(name)) {
                    named[place] = true;
                    best = better(best, (coding, weight));
                }
            }
        }
        let rest = Self::ALL.into_iter().zip(named).filter(|(c, named)| c.name().is_some() && !named);
        let best = rest.fold(best, |best, (coding, _)| better(best, (coding, any)));
        if best.1 < plain { Self::Plain } else { best.0 }
    }

    fn pack(self, plain: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain => Ok(plain.to_vec()),
            Self::Brotli => {
                let mut packer = brotli::CompressorWriter::new(vec![], 4096, BROTLI_QUALITY, BROTLI_WINDOW);
                packer.write_all(plain)?;
                Ok(packer.into_inner())
            }
            Self::Zstd => zstd::bulk::compress(plain, ZSTD_LEVEL),
            Self::Gzip => {
                let mut packer = flate2::write::GzEncoder::new(vec![], flate2::Compression::default());
                packer.write_all(plain)?;
                packer.finish()
            }
        }
    }
}

/// The one that weighs more; of equal ones that which comes first in the list of all.
fn better(a: (Coding, f32), b: (Coding, f32)) -> (Coding, f32) {
    let place = |c: Coding| Coding::ALL.iter().position(|x| *x == c);
    let first = a.0 != Coding::Plain && place(a.0) <= place(b.0);
    if b.1 > a.1 || (b.1 > 0.0 && b.1 >= a.1 && !first) { b } else { a }
}

/// A body, and how it looks packed, as far as anybody asked.
#[derive(Debug, Default)]
pub(super) struct Packed {
    plain: Bytes,
    by_coding: [OnceLock<Bytes>; 4],
}

impl Packed {
    pub(super) fn new(plain: String) -> Self {
        Self { plain: plain.into(), by_coding: Default::default() }
    }

    /// The coding in which it is sent to whoever likes `coding` best.
    pub(super) fn fit(&self, coding: Coding) -> Coding {
        if self.plain.len() < PACKED_BYTES_MIN { Coding::Plain } else { coding }
    }

    /// The body in `coding`, if it was packed so before.
    pub(super) fn get(&self, coding: Coding) -> Option<Bytes> {
        match coding {
            Coding::Plain => Some(self.plain.clone()),
            _ => self.by_coding[coding as usize].get().cloned(),
        }
    }

    /// The body in `coding`. It takes time; the same bytes every time.
    pub(super) fn pack(&self, coding: Coding) -> io::Result<Bytes> {
        if let Some(body) = self.get(coding) {
            return Ok(body);
        }
        let packed = Bytes::from(coding.pack(&self.plain)?);
        Ok(self.by_coding[coding as usize].get_or_init(|| packed).clone())
    }

    /// Bytes that it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.plain.len() + self.by_coding.iter().filter_map(OnceLock::get).map(Bytes::len).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_client_says_what_it_likes() {
        let asked = |value: &'static str| {
            Coding::asked(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        for (value, coding) in [
            ("", Coding::Plain),
            ("identity", Coding::Plain),
            ("gzip", Coding::Gzip),
            ("gzip, deflate, br", Coding::Brotli),
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("zstd, GZIP", Coding::Zstd),
            ("br;q=0.1, gzip;q=0.9", Coding::Gzip),
            ("br;q=0, gzip", Coding::Gzip),
            ("gzip;q=0", Coding::Plain),
            ("*", Coding::Brotli),
            ("*;q=0.5, br;q=0", Coding::Zstd),
            ("gzip;q=nonsense", Coding::Plain),
            ("gzip;q=nan, br;q=2", Coding::Plain),
            ("gzip; Q=0.8", Coding::Gzip),
            ("identity, gzip;q=0.5", Coding::Plain),
            ("identity;q=0.5, gzip;q=0.5", Coding::Gzip),
            ("identity;q=0, zstd;q=0.001", Coding::Zstd),
        ] {
            assert_eq!(asked(value), coding, "{value}");
        }
        assert_eq!(Coding::asked(&HeaderMap::new()), Coding::Plain);
    }

    #[test]
    fn packed_bodies_are_the_body_and_always_the_same() {
        let text = "新的出口管制清单 <p>".repeat(400);
        let (one, two) = (Packed::new(text.clone()), Packed::new(text.clone()));
        for coding in Coding::ALL {
            let packed = one.pack(coding).unwrap();
            assert_eq!(packed, two.pack(coding).unwrap());
            let plain = match coding {
                Coding::Plain => packed.to_vec(),
                Coding::Brotli => {
                    let mut out = vec![];
                    brotli::BrotliDecompress(&mut &packed[..], &mut out).unwrap();
                    out
                }
                Coding::Zstd => zstd::bulk::decompress(&packed, text.len()).unwrap(),
                Coding::Gzip => {
                    let mut out = vec![];
                    io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut out).unwrap();
                    out
                }
            };
            assert_eq!(plain, text.as_bytes(), "{coding:?}");
            assert_eq!(one.get(coding), Some(packed));
        }
        assert!(one.bytes() > text.len() && one.bytes() < text.len() * 2);
        assert_eq!(Packed::new("short".into()).fit(Coding::Gzip), Coding::Plain);
    }
}
