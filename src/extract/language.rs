//! The language of an article: as declared, unless its script says otherwise.

use crate::text::is_han;

/// Characters that only Simplified text has, among the commonest of news.
const SIMPLIFIED: &str = "们这为来时说国会过对发经后现业与长产电动关门问间见车书东无还开两从头进实体设单数员总报华战术严气据议统维资达历计边让调际论运区领权认结约给办务务张导广场应层图";
/// Characters that only Traditional text has, their counterparts.
const TRADITIONAL: &str = "們這為來時說國會過對發經後現業與長產電動關門問間見車書東無還開兩從頭進實體設單數員總報華戰術嚴氣據議統維資達歷計邊讓調際論運區領權認結約給辦務張導廣場應層圖";
/// Letters of a word.
const LETTERS_PER_WORD: usize = 4;
/// Characters that are looked at.
const CHARS_MAX: usize = 4000;

/// The language tag of `text`, of which `declared` are the declarations, the nearest first.
pub(super) fn tag<'a>(text: &str, declared: impl IntoIterator<Item = Option<&'a str>>) -> Option<String> {
    let declared = declared.into_iter().flatten().find_map(normalise);
    let sample: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).take(CHARS_MAX).collect();
    let count = |is: &dyn Fn(char) -> bool| sample.iter().filter(|c| is(**c)).count();
    let han = count(&is_han);
    let kana_or_hangul = count(&|c| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{ac00}'..='\u{d7a3}'));
    // A Han character says about what a short Latin word does.
    let words = han + (sample.len() - han) / LETTERS_PER_WORD;
    let is_chinese = han > 0 && han * 2 >= words && kana_or_hangul * 20 < sample.len();
    let names_script = |tag: &str| ["zh-", "yue", "ja"].iter().any(|l| tag.starts_with(l));
    if !is_chinese || declared.as_deref().is_some_and(names_script) {
        return declared;
    }
    let simplified = count(&|c| SIMPLIFIED.contains(c) && !TRADITIONAL.contains(c));
    let traditional = count(&|c| TRADITIONAL.contains(c) && !SIMPLIFIED.contains(c));
    let tag = if simplified > traditional * 4 {
        "zh-Hans"
    } else if traditional > simplified * 4 {
        "zh-Hant"
    } else {
        "zh"
    };
    Some(tag.into())
}

/// `tag` in the usual spelling: `zh_tw` is `zh-TW`.
fn normalise(tag: &str) -> Option<String> {
    let tag = tag.split([',', ';', '.']).next()?.trim();
    let parts: Vec<String> = tag.split(['-', '_']).map(str::to_ascii_lowercase).collect();
    let plain = parts.iter().all(|p| (1..=8).contains(&p.len()) && p.chars().all(|c| c.is_ascii_alphanumeric()));
    if !plain || !(2..=3).contains(&parts[0].len()) {
        return None;
    }
    let spelled = parts.iter().enumerate().filter(|(_, part)| *part != "cmn").map(|(n, part)| match (n, part.len()) {
        (1.., 2) => part.to_ascii_uppercase(),
        (1.., 4) => part[..1].to_ascii_uppercase() + &part[1..],
        _ => part.clone(),
    });
    Some(spelled.collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn script_decides_where_declarations_are_vague_or_wrong() {
        assert_eq!(tag("这些设备来自国产厂商", [Some("en-US")]).as_deref(), Some("zh-Hans"));
        assert_eq!(tag("這些設備來自國產廠商", [None, Some("zh")]).as_deref(), Some("zh-Hant"));
        assert_eq!(tag("這些設備來自國產廠商", [Some("zh_tw"), Some("en")]).as_deref(), Some("zh-TW"));
        assert_eq!(tag("A few words", [Some("en_GB")]).as_deref(), Some("en-GB"));
        assert_eq!(tag("A few words", [None, None]), None);
        assert_eq!(tag("这些设备", [Some("zh-cmn-Hans")]).as_deref(), Some("zh-Hans"));
        assert_eq!(tag("한국어 漢字 한국어", [None]), None);
        assert_eq!(tag("一二三", [Some("𠀀-𠀀")]).as_deref(), Some("zh"));
    }
}
