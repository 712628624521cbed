//! What stands before the root, around it and after it.

use tidings::model::SourceKind;

use super::{Class, class, item, refused, rss, told};

pub(crate) fn classes() -> Vec<Class> {
    let (sound, want) = (rss(&item(1)), told(1));
    let want = &[want.as_str()][..];
    let bare = sound.split_once("?>").unwrap().1.trim().to_owned();
    let before = |s: &str| format!("{s}{sound}");
    let escaped = bare.replace('&', "&amp;").replace('<', "&lt;");
    vec![
        class("white space before the declaration", before(" \r\n\t\n"), want),
        class("wide space before the declaration", before("\u{3000}\u{a0}"), want),
        class("words before the declaration", before("连接成功\n"), want),
        class("NUL bytes before the declaration", before("\0\0"), want),
        class("mark and white space before the declaration", before("\u{FEFF}\n\u{FEFF} "), want),
        class(
            "warnings of PHP before the declaration",
            before("<br />\n<b>Warning</b>:  include(): x in <b>/srv/a.php</b> on line <b>3</b><br />\n"),
            want,
        ),
        class("length of a chunk before the declaration", before("1f4\r\n"), want),
        class("headers of HTTP before the declaration", before("Content-Type: text/xml\r\n\r\n"), want),
        class("a script before the declaration", before("<script>if (1 < 2) { go() }</script>"), want),
        class("a comment before the declaration", before("<!-- cached: <html> --> "), want),
        class("no declaration", bare.clone(), want),
        class("declaration twice", before("<?xml version=\"1.0\" encoding=\"utf-8\"?>"), want),
        class("declaration that never ends", format!("<?xml version=\"1.0\" {bare}"), want),
        class("declaration of XML 1.1", format!("<?xml version=\"1.1\"?>{bare}"), want),
        class("style sheets before the root", sound.replace("?>\n", "?><?xml-stylesheet href=\"a.xsl\" type='text/xsl'?>"), want),
        class("instruction without its last mark", sound.replace("?>\n", "?><?xml-stylesheet href=\"a.xsl\">"), want),
        class("comment that quotes a root", sound.replace("?>\n", "?><!-- <feed><entry/></feed> -->"), want),
        class(
            "document type of RSS 0.91",
            sound.replace("?>\n", "?><!DOCTYPE rss PUBLIC \"-//Netscape Communications//DTD RSS 0.91//EN\" \"http://my.netscape.com/publish/formats/rss-0.91.dtd\">"),
            want,
        ),
        class(
            "document type with a subset",
            sound.replace("?>\n", "?><!DOCTYPE rss [<!ELEMENT rss (channel)> <!ENTITY copy \"©\"> <!ATTLIST rss version CDATA #IMPLIED> ]>"),
            want,
        ),
        class("document type of HTML before a feed", format!("<!DOCTYPE html>\n{bare}"), want),
        class(
            "document type of XHTML before a feed",
            format!("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">{bare}"),
            want,
        ),
        class("scripts after the root", format!("{sound}\n<script>var a = 1 < 2 && b;</script><!-- 0.2s -->"), want),
        class("words after the root", format!("{sound} & 完毕 <"), want),
        class("NUL bytes after the root", format!("{sound}\0\0\0"), want),
        class("sent as text/html", sound.clone(), want).sent_as("text/html; charset=utf-8"),
        class("sent as text/plain", sound.clone(), want).sent_as("text/plain"),
        class("sent as application/octet-stream", sound.clone(), want).sent_as("application/octet-stream"),
        class("sent as json", sound.clone(), want).sent_as("application/json"),
        class("set to be a portal", sound.clone(), want).set_as(SourceKind::Portal).says("set to be a Portal"),
        class("wrapped in a page", format!("<html><head><title>x</title></head><body>{bare}</body></html>"), want)
            .set_as(SourceKind::Feed),
        class("wrapped in the body of a page in upper case", format!("<HTML><BODY>{bare}</BODY></HTML>"), want)
            .set_as(SourceKind::Feed),
        // As text it is for people to look at; whoever wants it gives the address of the feed itself.
        class("shown as text in a page", format!("<html><body><pre>{escaped}</pre></body></html>"), &[])
            .set_as(SourceKind::Feed)
            .says("a page of HTML came"),
        class("a page of an error instead", "<html><head><title>502</title></head><body><h1>502 Bad Gateway</h1></body></html>", &[])
            .set_as(SourceKind::Feed)
            .says("a page of HTML came"),
        refused("nothing at all", "", "empty"),
        refused("only white space", " \r\n\t\u{FEFF}", "empty"),
        refused("only a declaration", "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n", "no feed"),
        refused("words", "数据库连接失败", "no feed"),
        refused("another vocabulary", "<?xml version=\"1.0\"?><kml><Placemark><name>x</name></Placemark></kml>", "no feed"),
    ]
}
