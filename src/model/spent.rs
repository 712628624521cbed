//! What a visit cost, and what it brought that could not be read.

use serde::Serialize;
use url::Url;

/// How the time of a visit was spent, over all its requests. Together they are its duration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Phases {
    /// Milliseconds waiting for the turn at the host, its robots.txt included.
    pub turn_ms: u64,
    /// Milliseconds of making connections: name, TCP, TLS; 0 where one was there already.
    pub connect_ms: u64,
    /// Milliseconds from then until the head of an answer was there.
    pub first_byte_ms: u64,
    /// Milliseconds of reading bodies.
    pub body_ms: u64,
    /// Milliseconds of all the rest: decoding, reading, matching.
    pub read_ms: u64,
}

impl Phases {
    /// Milliseconds of the whole visit.
    #[must_use]
    pub const fn total_ms(&self) -> u64 {
        self.turn_ms + self.connect_ms + self.first_byte_ms + self.body_ms + self.read_ms
    }

    /// The words by which they are counted, each with its milliseconds.
    #[must_use]
    pub const fn each(&self) -> [(&'static str, u64); 5] {
        [
            ("turn", self.turn_ms),
            ("connect", self.connect_ms),
            ("first_byte", self.first_byte_ms),
            ("body", self.body_ms),
            ("read", self.read_ms),
        ]
    }
}

/// A body that could not be read as what it should be, or the beginning of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedBody {
    /// Where it came from, after redirects.
    pub url: Url,
    /// Value of Content-Type.
    pub content_type: Option<String>,
    /// Its first bytes, decompressed, at most [`FailedBody::BYTES_MAX`].
    pub bytes: Vec<u8>,
    /// Bytes of the whole.
    pub whole_bytes: u64,
}

impl FailedBody {
    /// Bytes that are kept of one body.
    pub const BYTES_MAX: usize = 1024 * 1024;
}
