//! Language tags, as far as readers and validators know them.

/// Every language of two letters (ISO 639-1).
const TWO_LETTERS: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv \
    dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja \
    jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl \
    nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te \
    tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";
/// Subtags of a tag.
const SUBTAGS_MAX: usize = 4;

/// The part of `tag` that is one (BCP 47, section 2.1): a language that is known, then script, region and variants as far as they
/// have that shape; case left alone.
pub(super) fn tag(tag: &str) -> Option<String> {
    let tag = tag.trim().replace('_', "-");
    let mut subtags = tag.split('-').take(SUBTAGS_MAX);
    let language = subtags.next()?;
    if language.len() != 2 || !TWO_LETTERS.split_whitespace().any(|known| known.eq_ignore_ascii_case(language)) {
        return None;
    }
    let mut place = 0;
    let rest = subtags.map_while(|subtag| {
        let kind = kind(subtag)?;
        // Each comes once, in this order; only variants may be several.
        let fits = kind > place || kind == VARIANT;
        place = kind;
        fits.then_some(subtag)
    });
    Some(std::iter::once(language).chain(rest).collect::<Vec<_>>().join("-"))
}

/// The place of a variant among subtags.
const VARIANT: u8 = 3;

fn kind(subtag: &str) -> Option<u8> {
    let letters = subtag.bytes().all(|b| b.is_ascii_alphabetic());
    let digits = subtag.bytes().all(|b| b.is_ascii_digit());
    let either = subtag.bytes().all(|b| b.is_ascii_alphanumeric());
    match subtag.len() {
        4 if letters => Some(1),
        2 if letters => Some(2),
        3 if digits => Some(2),
        5..=8 if either => Some(VARIANT),
        4 if either && subtag.starts_with(|c: char| c.is_ascii_digit()) => Some(VARIANT),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_tag_is_kept() {
        for (given, kept) in [
            ("zh-Hans", Some("zh-Hans")),
            ("zh_TW", Some("zh-TW")),
            ("zh-Hant-HK", Some("zh-Hant-HK")),
            (" en-US ", Some("en-US")),
            ("zh-cn-utf8", Some("zh-cn")),
            ("en-US-US", Some("en-US")),
            ("es-419", Some("es-419")),
            ("EN", Some("EN")),
            ("utf-8", None),
            ("xx", None),
            ("chinese", None),
            ("zh\"><b", None),
            ("", None),
        ] {
            assert_eq!(tag(given).as_deref(), kept, "{given}");
        }
    }
}
