//! What is said of the encoding, and what is sent.

use encoding_rs::{BIG5, Encoding, GB18030, GBK};

use super::{Class, class};

const SIMPLIFIED: &str = "港口今天重新开放，货轮陆续靠岸";
const TRADITIONAL: &str = "港口今天重新開放，貨輪陸續靠岸";

/// A feed of one entry that declares `label`.
fn feed(label: &str, title: &str) -> String {
    declared(&format!("<?xml version=\"1.0\" encoding=\"{label}\"?>"), title)
}

fn declared(declaration: &str, title: &str) -> String {
    format!(
        "{declaration}\n<rss version=\"2.0\"><channel><title>{title}</title><item><title>{title}</title>\
         <link>https://news.example/1</link></item></channel></rss>"
    )
}

fn in_(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
}

/// `text` as UTF-8, every `from` replaced by bytes that are none.
fn spoiled(text: &str, from: &str, to: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = text.split(from).map(str::as_bytes).collect();
    parts.join(to)
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(crate) fn classes() -> Vec<Class> {
    let simplified = format!("title={SIMPLIFIED} | link=/1");
    let traditional = format!("title={TRADITIONAL} | link=/1");
    let (simplified, traditional) = (&[simplified.as_str()][..], &[traditional.as_str()][..]);
    let two = |second: &str| {
        crate::rss(&format!(
            "<item><title>{SIMPLIFIED}</title><link>/1</link></item><item><title>{second}</title><link>/2</link></item>"
        ))
    };
    let twice: String = SIMPLIFIED.bytes().map(char::from).collect();
    let pasted = spoiled(&two("@").replace(SIMPLIFIED, &SIMPLIFIED.repeat(20)), "@", &in_(GBK, "天气转冷"));
    let cut = feed("utf-8", SIMPLIFIED);
    let cut = &cut.as_bytes()[..cut.rfind('岸').unwrap() + 1];
    vec![
        class("utf-8 declared, GBK sent", in_(GBK, &feed("utf-8", SIMPLIFIED)), simplified),
        class("utf-8 declared, Big5 sent", in_(BIG5, &feed("utf-8", TRADITIONAL)), traditional),
        class(
            "gb2312 declared, GB18030 sent",
            in_(GB18030, &feed("gb2312", "朱镕基的故居今天开放，㐂字匾额与𠮷字灯笼")),
            &["title=朱镕基的故居今天开放，㐂字匾额与𠮷字灯笼"],
        ),
        class("big5 declared, UTF-8 sent", feed("big5", TRADITIONAL), traditional),
        class("gb2312 declared, Big5 sent", in_(BIG5, &feed("gb2312", TRADITIONAL)), traditional),
        class("big5 declared, GBK sent", in_(GBK, &feed("big5", SIMPLIFIED)), simplified),
        class("iso-8859-1 declared, GBK sent", in_(GBK, &feed("iso-8859-1", SIMPLIFIED)), simplified),
        class("utf-16 declared, UTF-8 sent", feed("utf-16", SIMPLIFIED), simplified),
        class("utf-16 declared, GBK sent", in_(GBK, &feed("utf-16", SIMPLIFIED)), simplified),
        class("UTF-16LE with mark", utf16(&feed("utf-16", SIMPLIFIED), true, u16::to_le_bytes), simplified),
        class("UTF-16BE with mark", utf16(&feed("utf-16", SIMPLIFIED), true, u16::to_be_bytes), simplified),
        class("UTF-16LE without mark", utf16(&feed("utf-16", SIMPLIFIED), false, u16::to_le_bytes), simplified),
        class("UTF-16BE without mark", utf16(&feed("utf-16", SIMPLIFIED), false, u16::to_be_bytes), simplified),
        class("UTF-16LE that declares utf-8", utf16(&feed("utf-8", SIMPLIFIED), true, u16::to_le_bytes), simplified),
        class(
            "UTF-16BE cut in a unit",
            {
                let mut bytes = utf16(&feed("utf-16", SIMPLIFIED), true, u16::to_be_bytes);
                bytes.pop();
                bytes
            },
            simplified,
        ),
        class("UTF-8 mark, gbk declared", format!("\u{FEFF}{}", feed("gbk", SIMPLIFIED)), simplified),
        class("two UTF-8 marks", format!("\u{FEFF}\u{FEFF}{}", feed("utf-8", SIMPLIFIED)), simplified),
        class("UTF-8 mark written as windows-1252", format!("ï»¿{}", feed("utf-8", SIMPLIFIED)), simplified),
        class("header gbk, UTF-8 declared and sent", feed("utf-8", SIMPLIFIED), simplified)
            .sent_as("text/xml; charset=gbk"),
        class("header iso-8859-1, gb2312 declared, GBK sent", in_(GBK, &feed("gb2312", SIMPLIFIED)), simplified)
            .sent_as("text/xml; charset=ISO-8859-1"),
        class("header utf-8, gb2312 declared, GBK sent", in_(GBK, &feed("gb2312", SIMPLIFIED)), simplified)
            .sent_as("application/xml; charset=utf-8"),
        class("header in quotes, nothing declared, GBK sent", in_(GBK, &declared("", SIMPLIFIED)), simplified)
            .sent_as("text/xml; charset=\"gb2312\""),
        class("header us-ascii, UTF-8 sent", feed("utf-8", SIMPLIFIED), simplified)
            .sent_as("text/xml; charset=us-ascii"),
        class("nothing declared, GBK sent", in_(GBK, &declared("", SIMPLIFIED)), simplified),
        class("nothing declared, Big5 sent", in_(BIG5, &declared("", TRADITIONAL)), traditional),
        class("label nobody knows, UTF-8 sent", feed("chinese-simplified", SIMPLIFIED), simplified),
        class("label nobody knows, GBK sent", in_(GBK, &feed("chinese-simplified", SIMPLIFIED)), simplified),
        class("empty label, UTF-8 sent", feed("", SIMPLIFIED), simplified),
        class("label cp936, GBK sent", in_(GBK, &feed("cp936", SIMPLIFIED)), simplified),
        class("label utf8mb4, UTF-8 sent", feed("utf8mb4", SIMPLIFIED), simplified),
        class(
            "declaration in upper case, GBK sent",
            in_(GBK, &declared("<?XML VERSION='1.0' ENCODING='GBK'?>", SIMPLIFIED)),
            simplified,
        ),
        class(
            "declaration without quotes, GBK sent",
            in_(GBK, &declared("<?xml version=1.0 encoding=gbk?>", SIMPLIFIED)),
            simplified,
        ),
        class(
            "declaration whose quote is not closed, GBK sent",
            in_(GBK, &declared("<?xml version='1.0' encoding='gbk?>", SIMPLIFIED)),
            simplified,
        ),
        class(
            "declaration in curly quotes, UTF-8 sent",
            declared("<?xml version=“1.0” encoding=“utf-8”?>", SIMPLIFIED),
            simplified,
        ),
        class(
            "windows-1252 quotes in English that declares utf-8",
            spoiled(&feed("utf-8", "Harbour (open) again"), "(open)", b"\x93open\x94"),
            &["title=Harbour “open” again | link=/1"],
        ),
        class(
            "a windows-1252 byte among Chinese in UTF-8",
            spoiled(&two("天气@转冷"), "@", b"\x92"),
            &[&format!("title={SIMPLIFIED}"), "title=天气\u{FFFD}转冷 | link=/2"],
        ),
        class(
            "half a character of UTF-8 in the middle",
            spoiled(&two("天气转冷"), "气", b"\xE6\xB0"),
            &[&format!("title={SIMPLIFIED}"), "title=天\u{FFFD}转冷 | link=/2"],
        ),
        class("GBK pasted into UTF-8", pasted, &[&format!("title={} | link=/1", SIMPLIFIED.repeat(20)), "link=/2"]),
        // It cannot be told from text that is meant so.
        class("encoded twice", feed("utf-8", &twice), &["link=/1"]),
        class("cut in a character", cut, &["link=/world/feed.xml"]),
    ]
}
