//! Who sent a body, proved by a secret that only the two ends know (section 7.1): `X-Hub-Signature: method=hex`.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// Characters of the longest signature that is read.
const HEX_CHARS_MAX: usize = 128;

/// The value of the header for `body`.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256={hex}")
}

/// Whether `header` is a signature of `body` by `secret`, compared in a time that says nothing of it. SHA-1 is taken, which hubs
/// from before the recommendation sign with: as part of an HMAC it is not broken.
#[must_use]
pub fn verify(secret: &str, body: &[u8], header: &str) -> bool {
    let Some((method, hex)) = header.trim().split_once('=') else { return false };
    let Some(given) = bytes(hex) else { return false };
    match method.to_ascii_lowercase().as_str() {
        "sha1" => is::<Hmac<Sha1>>(secret, body, &given),
        "sha256" => is::<Hmac<Sha256>>(secret, body, &given),
        "sha384" => is::<Hmac<Sha384>>(secret, body, &given),
        "sha512" => is::<Hmac<Sha512>>(secret, body, &given),
        _ => false,
    }
}

fn is<M: Mac + KeyInit>(secret: &str, body: &[u8], given: &[u8]) -> bool {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    mac.verify_slice(given).is_ok()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let hex = hex.trim();
    if hex.is_empty()
        || hex.len() > HEX_CHARS_MAX
        || !hex.len().is_multiple_of(2)
        || !hex.bytes().all(|b| b.is_ascii_hexdigit())
    {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2, and RFC 2202, test case 2.
    const BODY: &[u8] = b"what do ya want for nothing?";

    #[test]
    fn the_published_vectors_hold() {
        let sha256 = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign("Jefe", BODY), sha256);
        for good in [
            sha256,
            "SHA256=5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843",
            "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            "sha384=af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
            "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ] {
            assert!(verify("Jefe", BODY, good), "{good}");
            assert!(!verify("jefe", BODY, good) && !verify("Jefe", b"what", good), "{good}");
        }
    }

    #[test]
    fn what_is_no_signature_proves_nothing() {
        let good = sign("k", b"body");
        assert!(verify("k", b"body", &good));
        let half = &good[..good.len() / 2];
        for bad in [
            "",
            "=",
            "sha256=",
            "sha256=zz",
            "md5=5bdc",
            half,
            &good[7..],
            "sha256",
            &format!("{good}00"),
            "sha256=新新",
        ] {
            assert!(!verify("k", b"body", bad), "{bad}");
        }
    }
}
