//! Dates of every make. The source is in Hong Kong, and it is the morning of 24 November 2026.

use super::{Class, class, one};

/// As written, and what is meant; nothing when it is no date that is to be believed.
const WRITTEN: &[(&str, &str)] = &[
    ("Fri, 20 Nov 2026 10:00:00 +0800", "2026-11-20T02:00Z"),
    ("Fri, 20 Nov 2026 10:00 GMT", "2026-11-20T10:00Z"),
    ("Fri, 20 Nov 2026 9:05:00 GMT", "2026-11-20T09:05Z"),
    ("Mon, 20 Nov 2026 10:00:00 GMT", "2026-11-20T10:00Z"),
    ("Fri,20 Nov 2026 10:00:00 GMT", "2026-11-20T10:00Z"),
    ("Fri 20 Nov 2026 10:00:00 GMT", "2026-11-20T10:00Z"),
    ("20 Nov 2026 10:00:00 GMT", "2026-11-20T10:00Z"),
    ("fri, 20 nov 2026 10:00:00 gmt", "2026-11-20T10:00Z"),
    ("Friday, 20 November 2026 10:00:00 GMT", "2026-11-20T10:00Z"),
    ("Fri, 20 Nov 26 10:00:00 GMT", "2026-11-20T10:00Z"),
    ("Fri, 20-Nov-2026 10:00:00 GMT", "2026-11-20T10:00Z"),
    ("Fri, 20 Nov 2026 10:00:00", "2026-11-20T02:00Z"),
    ("Fri, 20 Nov 2026", "2026-11-19T16:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 +08:00", "2026-11-20T02:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 +800", "2026-11-20T02:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 GMT+0800", "2026-11-20T02:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 GMT+8", "2026-11-20T02:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 UTC+08:00", "2026-11-20T02:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 CST", "2026-11-20T02:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 HKT", "2026-11-20T02:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 JST", "2026-11-20T01:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 EST", "2026-11-20T15:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 PDT", "2026-11-20T17:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 Z", "2026-11-20T10:00Z"),
    ("Fri, 20 Nov 2026 10:00:00 Asia/Shanghai", "2026-11-20T02:00Z"),
    ("Fri, 20 Nov 2026 24:00:00 GMT", "2026-11-21T00:00Z"),
    ("Fri, 20 Nov 2026 10:00:60 GMT", "2026-11-20T10:00:59Z"),
    ("Fri, 20 Nov 2026 03:05 PM", "2026-11-20T07:05Z"),
    ("Fri Nov 20 10:00:00 CST 2026", "2026-11-20T02:00Z"),
    ("Fri Nov 20 10:00:00 2026", "2026-11-20T02:00Z"),
    ("Nov 20, 2026 10:00:00 AM", "2026-11-20T02:00Z"),
    ("2026-11-20T10:00:00Z", "2026-11-20T10:00Z"),
    ("2026-11-20T10:00:00", "2026-11-20T02:00Z"),
    ("2026-11-20T10:00Z", "2026-11-20T10:00Z"),
    ("2026-11-20 10:00:00", "2026-11-20T02:00Z"),
    ("2026-11-20  10:00:00", "2026-11-20T02:00Z"),
    ("2026-11-20 10:00:00 +0800", "2026-11-20T02:00Z"),
    ("2026-11-20 10:00:00 UTC", "2026-11-20T10:00Z"),
    ("2026-11-20T10:00:00.123456789+08:00", "2026-11-20T02:00Z"),
    ("2026-11-20T10:00:00+8:00", "2026-11-20T02:00Z"),
    ("2026-11-20T10:00:00 +08:00", "2026-11-20T02:00Z"),
    ("2026-11-20T24:00:00+08:00", "2026-11-20T16:00Z"),
    ("2026-11-20T10:00:00+08:00[Asia/Shanghai]", "2026-11-20T02:00Z"),
    ("2026-11-20", "2026-11-19T16:00Z"),
    ("2026/11/20 10:00", "2026-11-20T02:00Z"),
    ("2026.11.20 10:00", "2026-11-20T02:00Z"),
    ("2026-1-2 3:04", "2026-01-01T19:04Z"),
    ("20261120", "2026-11-19T16:00Z"),
    ("20261120T100000Z", "2026-11-20T10:00Z"),
    ("20261120100000", "2026-11-20T02:00Z"),
    ("1795140000", "2026-11-20T02:00Z"),
    ("1795140000000", "2026-11-20T02:00Z"),
    ("1795140000.25", "2026-11-20T02:00Z"),
    ("2026年11月20日 10:00", "2026-11-20T02:00Z"),
    ("2026年11月20日 10时00分", "2026-11-20T02:00Z"),
    ("2026年11月20日 星期五 上午10:00", "2026-11-20T02:00Z"),
    ("２０２６－１１－２０　１０：００", "2026-11-20T02:00Z"),
    ("星期五, 20 十一月 2026 10:00:00 +0800", "2026-11-20T02:00Z"),
    ("周五, 20 11月 2026 10:00:00 +0800", "2026-11-20T02:00Z"),
    ("五, 20 11月 2026 10:00:00 +0000", "2026-11-20T10:00Z"),
    ("11-20 10:00", "2026-11-20T02:00Z"),
    ("11月20日 10:00", "2026-11-20T02:00Z"),
    ("昨天 10:00", "2026-11-23T02:00Z"),
    ("3小时前", "2026-11-23T21:00Z"),
    ("发布于 2026-11-20 10:00", "2026-11-20T02:00Z"),
    (" \n Fri, 20 Nov 2026 10:00:00 GMT \t", "2026-11-20T10:00Z"),
    ("Fri,&nbsp;20&nbsp;Nov 2026 10:00:00 GMT", "2026-11-20T10:00Z"),
    ("<![CDATA[2026-11-20 10:00]]>", "2026-11-20T02:00Z"),
    ("Fri, 20 Nov 2099 10:00:00 GMT", ""),
    ("Fri, 20 Nov 1981 10:00:00 GMT", ""),
    ("Thu, 01 Jan 1970 00:00:00 GMT", ""),
    ("0001-01-01T00:00:00Z", ""),
    ("0000-00-00 00:00:00", ""),
    ("0", ""),
    ("2026-02-30T10:00:00Z", ""),
    ("Fri, 31 Nov 2026 10:00:00 GMT", ""),
    ("Invalid Date", ""),
    ("null", ""),
    ("待定", ""),
];

pub(crate) fn classes() -> Vec<Class> {
    let dated = |date: &str| one(&format!("<title>a</title><link>/1</link>{date}"));
    let written = WRITTEN.iter().map(|(raw, want)| {
        class(
            &format!("date `{raw}`"),
            dated(&format!("<pubDate>{raw}</pubDate>")),
            &[&format!("link=/1 | date={want}")],
        )
    });
    let atom = |dates: &str| {
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>a</title><link href='/1'/>{dates}</entry></feed>"
        )
    };
    written
        .chain([
            class("a date that is empty", dated("<pubDate/><dc:date>2026-11-20T10:00:00Z</dc:date>"), &["date=2026-11-20T10:00Z"]),
            class("a date twice", dated("<pubDate>2026-11-19</pubDate><pubDate>2026-11-20 08:00</pubDate>"), &["date=2026-11-20T00:00Z"]),
            class("a date that is none beside one that is", dated("<pubDate>待定</pubDate><dc:date>2026-11-20T10:00:00Z</dc:date>"), &["date=2026-11-20T10:00Z"]),
            class("a date in a field of small letters", dated("<pubdate>2026-11-20T10:00:00Z</pubdate>"), &["date=2026-11-20T10:00Z"]),
            class("a date in a field called date", dated("<date>2026-11-20T10:00:00Z</date>"), &["date=2026-11-20T10:00Z"]),
            class("a date in a field called pubTime", dated("<pubTime>2026-11-20 10:00</pubTime>"), &["link=/1"]),
            class("a date of Dublin Core's terms", dated("<dcterms:created>2026-11-20T10:00:00Z</dcterms:created><dcterms:modified>2026-11-21T10:00:00Z</dcterms:modified>"), &["date=2026-11-20T10:00Z | updated=2026-11-21T10:00Z"]),
            class("a date in an element of the date", dated("<pubDate><b>2026-11-20 10:00</b></pubDate>"), &["date=2026-11-20T02:00Z"]),
            class("dates of Atom", atom("<published>2026-11-20T10:00:00Z</published><updated>2026-11-21T10:00:00Z</updated>"), &["date=2026-11-20T10:00Z | updated=2026-11-21T10:00Z"]),
            class("only an update, in Atom", atom("<updated>2026-11-21T10:00:00Z</updated>"), &["date= | updated=2026-11-21T10:00Z"]),
            class("no date", dated(""), &["date= | updated="]),
        ])
        .collect()
}
