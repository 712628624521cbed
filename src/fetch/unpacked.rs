//! Files that are gzip themselves, like `sitemap.xml.gz`: HTTP says nothing of it, so nobody has undone it.

use std::io::Read;

use flate2::read::{GzDecoder, MultiGzDecoder};
use url::Url;

use crate::model::{Failure, FailureKind};

use super::failure::{self, failure};

/// How a gzip file begins (RFC 1952).
const MAGIC: [u8; 3] = [0x1F, 0x8B, 0x08];

/// Whether `bytes` are a gzip file.
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// What is in `bytes`, which came from `url` with `status`: themselves unless they are gzip; at most `cap_bytes`.
///
/// # Errors
/// When there is more inside, or it does not unpack.
pub(super) async fn unpacked(url: &Url, status: u16, bytes: Vec<u8>, cap_bytes: u64) -> Result<Vec<u8>, Failure> {
    if !is_packed(&bytes) {
        return Ok(bytes);
    }
    let out = tokio::task::spawn_blocking(move || {
        let cap = cap_bytes.saturating_add(1);
        let mut out = vec![];
        if MultiGzDecoder::new(&bytes[..]).take(cap).read_to_end(&mut out).is_ok() {
            return Ok(out);
        }
        // What follows the first part may be padding.
        out.clear();
        GzDecoder::new(&bytes[..]).take(cap).read_to_end(&mut out).map(|_| out)
    });
    let bad = |why: String| {
        let reason = format!("the gzip file of {} does not unpack: {why}", failure::host(url));
        Failure { status: Some(status), ..failure(FailureKind::Unreadable, reason) }
    };
    let out = out.await.map_err(|e| bad(e.to_string()))?.map_err(|e| bad(e.to_string()))?;
    if out.len() as u64 > cap_bytes {
        return Err(Failure { status: Some(status), ..failure::too_large(url, cap_bytes) });
    }
    Ok(out)
}
