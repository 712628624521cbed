use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};
use proptest::prelude::*;

use super::{Decoded, decode};
use crate::model::Decided;

const SIMPLIFIED: &str = "港口工人周三结束罢工，但积压的货柜还要两个星期才能运完。码头公司说，双方同意把加班费提高一成，其他条件下个月再谈。";
const TRADITIONAL: &str = "港口工人週三結束罷工，但積壓的貨櫃還要兩個星期才能運完。碼頭公司說，雙方同意把加班費提高一成，其他條件下個月再談。";

fn bytes(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, lossy) = encoding.encode(text);
    assert!(!lossy, "{text} in {}", encoding.name());
    bytes.into_owned()
}

fn page(meta: &str, text: &str) -> String {
    format!("<html><head>{meta}<title>t</title></head><body>{text}</body></html>")
}

#[track_caller]
fn check(d: &Decoded, text: &str, used: &str, decided: Decided) {
    assert!(d.text.contains(text), "{} in {:?}", d.text, d.facts);
    assert_eq!((d.facts.used.as_str(), d.facts.decided, d.facts.garbled), (used, decided, 0.0));
}

#[test]
fn declared_by_meta_alone() {
    for meta in [
        r#"<meta charset="big5">"#,
        "<META CHARSET=BIG5>",
        r#"<meta charset = ' Big5 '/>"#,
        r#"<meta charset="'big5'">"#,
        "<meta charset=\u{201d}big5\u{201d}>".trim(),
        r#"<meta http-equiv="Content-Type" content="text/html; charset=Big5-HKSCS">"#,
        r#"<meta content='text/html;charset=cp950' http-equiv=content-type>"#,
        r#"<!-- <meta charset="gbk"> --><script>"<meta charset=gbk>"</script><meta charset="big5">"#,
        r#"<meta name="description" content="charset=gbk"><meta charset="big5">"#,
        r#"<meta charset="none-such"><!-- unknown -->"#,
    ] {
        let html = page(meta, TRADITIONAL);
        let html = html.replace('\u{201d}', "\"");
        let d = decode(&bytes(BIG5, &html), None, Some("text/html"));
        let decided = if meta.contains("none") { Decided::Detector } else { Decided::Document };
        check(&d, TRADITIONAL, "Big5", decided);
        assert_eq!(d.facts.header, None);
    }
    let far = format!("<script>{}</script><meta charset=gb2312>", "x".repeat(60_000));
    check(&decode(&bytes(GBK, &page(&far, SIMPLIFIED)), None, None), SIMPLIFIED, "GBK", Decided::Document);
    let smart = [b"<meta charset=\xE2\x80\x9Dgbk\xE2\x80\x9D>".as_slice(), &bytes(GBK, SIMPLIFIED)].concat();
    assert_eq!(decode(&smart, None, None).facts.document.as_deref(), Some("gbk"));
}

#[test]
fn declared_by_xml() {
    for declaration in
        ["<?xml version='1.0' encoding='GB2312'?>", "\r\n<?xml version=\"1.0\" encoding = \"gb_2312-80\" ?>"]
    {
        let xml = format!("{declaration}<rss><title>{SIMPLIFIED}</title></rss>");
        check(&decode(&bytes(GBK, &xml), None, Some("text/xml")), SIMPLIFIED, "GBK", Decided::Document);
    }
}

#[test]
fn declared_by_header() {
    for header in [
        "text/html; charset=gbk",
        "text/html;CHARSET=\"GB2312\"",
        "text/html; charset='gbk'; x=y",
        "text/html; charset=cp936",
    ] {
        let d = decode(&bytes(GBK, &page("", SIMPLIFIED)), None, Some(header));
        check(&d, SIMPLIFIED, "GBK", Decided::Header);
    }
    let rare = format!("{SIMPLIFIED}㐀𠀀鎔");
    check(&decode(&bytes(GB18030, &rare), None, Some("text/html; charset=gb2312")), &rare, "GBK", Decided::Header);
    // Characters of Hong Kong, which the encoder does not write.
    let hk = [bytes(BIG5, TRADITIONAL).as_slice(), b"\x9D\xEF\x9D\xF6\x9D\xF7\x91\xC1"].concat();
    check(&decode(&hk, None, Some("text/html; charset=big5")), "談。嘅喺咗嚟", "Big5", Decided::Header);
}

#[test]
fn a_header_that_lies_loses() {
    let gbk = bytes(GBK, &page("<meta charset=gbk>", SIMPLIFIED));
    for lie in ["utf-8", "iso-8859-1", "big5", "euc-kr", "shift_jis", "utf-16le"] {
        let d = decode(&gbk, None, Some(&format!("text/html; charset={lie}")));
        check(&d, SIMPLIFIED, "GBK", Decided::Document);
        assert_eq!(d.facts.header.as_deref(), Some(lie));
    }
    let big5 = bytes(BIG5, &page("", TRADITIONAL));
    for lie in ["utf-8", "windows-1252", "gbk", "gb18030"] {
        check(&decode(&big5, None, Some(&format!("a/b; charset={lie}"))), TRADITIONAL, "Big5", Decided::Detector);
    }
    check(
        &decode(&bytes(BIG5, &page("<meta charset=gb2312>", TRADITIONAL)), None, None),
        TRADITIONAL,
        "Big5",
        Decided::Detector,
    );
}

#[test]
fn a_header_that_tells_the_truth_stays() {
    for (encoding, label, text) in [
        (WINDOWS_1252, "iso-8859-1", "Élodie a déjà mangé près de l'été, où ça ? À l'œuvre, garçon."),
        (WINDOWS_1251, "windows-1251", "Порт снова открыт, но грузы будут вывозить ещё две недели."),
        (SHIFT_JIS, "shift_jis", "港の労働者は水曜日にストライキを終えたが、貨物の輸送にはまだ二週間かかる。"),
        (EUC_JP, "euc-jp", "港の労働者は水曜日にストライキを終えたが、貨物の輸送にはまだ二週間かかる。"),
        (EUC_KR, "euc-kr", "항만 노동자들은 수요일에 파업을 끝냈지만 화물 운송에는 이주가 더 걸린다."),
    ] {
        let used = encoding.name();
        check(
            &decode(&bytes(encoding, text), None, Some(&format!("a/b; charset={label}"))),
            text,
            used,
            Decided::Header,
        );
    }
}

#[test]
fn valid_utf8_beats_any_label() {
    let html = page("<meta charset=gbk>", SIMPLIFIED);
    check(&decode(html.as_bytes(), None, Some("text/html; charset=big5")), SIMPLIFIED, "UTF-8", Decided::Utf8);
    check(&decode(html.as_bytes(), None, Some("text/html; charset=utf8")), SIMPLIFIED, "UTF-8", Decided::Header);
    check(&decode("é".as_bytes(), None, None), "é", "UTF-8", Decided::Utf8);
    check(&decode(b"plain", None, Some("a/b; charset=utf-16")), "plain", "UTF-8", Decided::Utf8);
    // Cut off inside a character, and with a few bytes broken, it is still the best there is.
    let cut = decode(&SIMPLIFIED.as_bytes()[..40], None, Some("a/b; charset=gbk"));
    assert_eq!((cut.facts.used.as_str(), cut.facts.decided), ("UTF-8", Decided::Utf8));
    let mut broken = page("", &SIMPLIFIED.repeat(3)).into_bytes();
    let middle = broken.iter().position(|b| !b.is_ascii()).unwrap() + 60;
    broken.remove(middle);
    let broken = decode(&broken, None, Some("a/b; charset=gbk"));
    assert!(broken.text.contains(SIMPLIFIED) && broken.facts.garbled > 0.0, "{broken:?}");
}

#[test]
fn byte_order_marks_and_utf16() {
    let utf16 = |text: &str, little: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
    };
    let marked = format!("\u{feff}{}", page("<meta charset=gbk>", SIMPLIFIED));
    for (little, name) in [(true, "UTF-16LE"), (false, "UTF-16BE")] {
        let d = decode(&utf16(&marked, little), None, Some("a/b; charset=big5"));
        check(&d, SIMPLIFIED, name, Decided::Bom);
        assert!(d.text.starts_with("<html>"));
        let bare = utf16(&page("", SIMPLIFIED), little);
        check(&decode(&bare, None, None), SIMPLIFIED, name, Decided::Detector);
        check(&decode(&bare, None, Some("a/b; charset=utf-16")), SIMPLIFIED, name, Decided::Header);
        check(&decode(&bare, Some(name), None), SIMPLIFIED, name, Decided::Setting);
    }
    let d = decode(marked.as_bytes(), None, Some("a/b; charset=gbk"));
    check(&d, SIMPLIFIED, "UTF-8", Decided::Bom);
    assert!(d.text.starts_with("<html>"));
    check(
        &decode(page("<meta charset=utf-16>", SIMPLIFIED).as_bytes(), None, None),
        SIMPLIFIED,
        "UTF-8",
        Decided::Document,
    );
}

#[test]
fn the_setting_is_final_when_known() {
    let big5 = bytes(BIG5, &page("<meta charset=gbk>", TRADITIONAL));
    check(&decode(&big5, Some(" BIG5 "), Some("a/b; charset=gbk")), TRADITIONAL, "Big5", Decided::Setting);
    check(&decode(&big5, Some("nonsense"), None), TRADITIONAL, "Big5", Decided::Detector);
}

#[test]
fn what_is_garbled_is_counted() {
    let d = decode(b"ab\xFF\xFF", Some("utf-8"), None);
    assert_eq!((d.text.as_str(), d.facts.garbled), ("ab\u{fffd}\u{fffd}", 0.5));
    assert_eq!(decode(b"", None, None).facts.garbled, 0.0);
}

#[test]
fn undeclared_text_is_detected() {
    check(&decode(&bytes(GBK, SIMPLIFIED), None, None), SIMPLIFIED, "GBK", Decided::Detector);
    check(&decode(&bytes(BIG5, TRADITIONAL), None, None), TRADITIONAL, "Big5", Decided::Detector);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_decode(bytes in prop::collection::vec(any::<u8>(), 0..600), setting in label(), header in label()) {
        let header = header.map(|h| format!("text/html; charset={h}"));
        let d = decode(&bytes, setting.as_deref(), header.as_deref());
        prop_assert!((0.0..=1.0).contains(&d.facts.garbled));
    }

    #[test]
    fn any_head_is_read(head in "(<|<!--|-->|<meta |<script>|</script>|charset|=|\"|'|;|gbk|big5|>|<\\?xml |encoding| |é){0,40}") {
        prop_assert_eq!(decode(head.as_bytes(), None, None).text, head);
    }

    #[test]
    fn what_was_encoded_is_read_again(from in 0..20_usize, n in 20..40_usize, big5 in any::<bool>(), by_header in any::<bool>()) {
        let (encoding, text) = if big5 { (BIG5, TRADITIONAL) } else { (GBK, SIMPLIFIED) };
        let text: String = text.chars().skip(from).take(n).collect();
        let label = encoding.name();
        let (meta, header) = if by_header { (String::new(), format!("a/b; charset={label}")) } else { (format!("<meta charset={label}>"), "a/b".to_owned()) };
        let html = page(&meta, &text);
        let d = decode(&bytes(encoding, &html), None, Some(&header));
        prop_assert_eq!(d.text, html);
        prop_assert_eq!(d.facts.decided, if by_header { Decided::Header } else { Decided::Document });
    }
}

fn label() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop::sample::select(vec![
        "gbk",
        "big5",
        "utf-8",
        "utf-16le",
        "utf-16be",
        "shift_jis",
        "iso-2022-jp",
        "hz-gb-2312",
        "x-user-defined",
        "?",
    ]))
    .prop_map(|l| l.map(str::to_owned))
}

/// Invented news, one paragraph a line.
const NEWS: &str = include_str!("../../../tests/corpus/news.txt");

#[test]
fn no_paragraph_is_believed_in_the_wrong_encoding() {
    let converter = opencc_fmmseg::OpenCC::new();
    for line in NEWS.lines() {
        let traditional = converter.s2tw(line, true);
        for (text, encoding, lie) in
            [(line, GBK, "big5"), (line, GBK, "euc-kr"), (&traditional, BIG5, "gbk"), (&traditional, BIG5, "gb18030")]
        {
            let d = decode(&bytes(encoding, text), None, Some(&format!("text/html; charset={lie}")));
            assert_eq!((d.text.as_str(), d.facts.used.as_str()), (text, encoding.name()), "said to be {lie}");
        }
    }
}
