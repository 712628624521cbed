//! Words that nobody can guess, from the generator that TLS uses.

use std::fmt::Write as _;

use super::FetchError;

/// 64 hexadecimal digits that nobody can guess.
///
/// # Errors
/// When the system gives no random bytes.
pub fn unguessable() -> Result<String, FetchError> {
    let mut bytes = [0_u8; 32];
    let filled = rustls::crypto::ring::default_provider().secure_random.fill(&mut bytes);
    filled.map_err(|_| FetchError("the system gives no random bytes".into()))?;
    let mut word = String::with_capacity(64);
    for byte in bytes {
        let _ = write!(word, "{byte:02x}");
    }
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_words_are_one() {
        let words: std::collections::HashSet<String> = (0..100).map(|_| unguessable().unwrap()).collect();
        assert!(words.len() == 100 && words.iter().all(|w| w.len() == 64 && w.bytes().all(|b| b.is_ascii_hexdigit())));
    }
}
