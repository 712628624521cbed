//! What a message is signed with, by the Standard Webhooks specification (standardwebhooks.com), symmetric scheme `v1`.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How a secret begins.
const PREFIX: &str = "whsec_";
/// Bytes that the specification asks of a key.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A key that the receiver has as well. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The key that `text` writes: `whsec_` and 24 to 64 bytes in base64.
    ///
    /// # Errors
    /// What is wrong with it, without a word of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let base64 = text.trim().strip_prefix(PREFIX).ok_or_else(|| format!("it does not begin with {PREFIX}"))?;
        let key = STANDARD.decode(base64).map_err(|_| format!("what follows {PREFIX} is not base64"))?;
        match key.len() {
            n if KEY_BYTES.contains(&n) => Ok(Self(key)),
            n => Err(format!("it has {n} bytes, not {} to {}", KEY_BYTES.start(), KEY_BYTES.end())),
        }
    }

    /// A key of a service's own making, whose bytes are its text.
    #[must_use]
    pub fn of_service(text: &str) -> Self {
        Self(text.trim().as_bytes().to_vec())
    }

    /// The key itself.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The value of `webhook-signature`: one signature for each secret, so that a receiver that has any of them is content.
pub(super) fn signatures(secrets: &[Secret], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let head = format!("{id}.{timestamp_s}.");
    let sign = |secret: &Secret| format!("v1,{}", mac(&secret.0, &[head.as_bytes(), body]));
    secrets.iter().map(sign).collect::<Vec<_>>().join(" ")
}

/// HMAC-SHA256 over the parts of a message, in base64.
pub(super) fn mac(key: &[u8], parts: &[&[u8]]) -> String {
    // It takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    for part in parts {
        mac.update(part);
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use sha2::Digest;

    use super::*;

    const PUBLISHED: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn it_signs_as_the_specification_does() {
        let secret = Secret::parse(PUBLISHED).unwrap();
        let signed = signatures(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    /// HMAC by its definition (RFC 2104), from the hash alone.
    fn by_hand(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut block = [0_u8; 64];
        block[..key.len()].copy_from_slice(key);
        let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message).finalize();
        Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().to_vec()
    }

    #[test]
    fn each_secret_signs_while_they_rotate() {
        let keys = [[7_u8; 24].to_vec(), [9; 64].to_vec()];
        let secrets: Vec<Secret> =
            keys.iter().map(|k| Secret::parse(&format!("whsec_{}", STANDARD.encode(k))).unwrap()).collect();
        let signed = signatures(&secrets, "chat_ab_1", 5, "新闻".as_bytes());
        let expected = keys.map(|k| format!("v1,{}", STANDARD.encode(by_hand(&k, "chat_ab_1.5.新闻".as_bytes()))));
        assert_eq!(signed, expected.join(" "));
    }

    #[test]
    fn what_is_no_secret_is_refused_and_none_is_shown() {
        let short = format!("whsec_{}", STANDARD.encode([1; 23]));
        let long = format!("whsec_{}", STANDARD.encode([1; 65]));
        for (bad, why) in [("MfKQ9r8G", "begin with"), ("whsec_a b", "base64"), (&short, "23 bytes"), (&long, "65")] {
            let said = Secret::parse(bad).unwrap_err();
            assert!(said.contains(why) && !said.contains("MfKQ9"), "{said}");
        }
        assert_eq!(format!("{:?}", Secret::parse(PUBLISHED).unwrap()), "Secret(***)");
    }
}
