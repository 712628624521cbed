//! Where entries lead, and what names them.

use super::{Class, class, one, rss};

fn link(written: &str) -> String {
    one(&format!("<title>a</title><link>{written}</link>"))
}

fn atom(attrs: &str, entry: &str) -> String {
    format!(
        "<feed xmlns='http://www.w3.org/2005/Atom' {attrs}><title>f</title><entry><title>a</title>{entry}</entry></feed>"
    )
}

pub(crate) fn classes() -> Vec<Class> {
    [of_links(), of_guids(), of_bases()].into_iter().flatten().collect()
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn of_links() -> Vec<Class> {
    let long = format!("https://news.example/{}", "a".repeat(5_000));
    vec![
        class("a relative link", link("a/1.html"), &["link=/a/1.html"]),
        class("a link from the root", link("/a/1.html"), &["link=/a/1.html"]),
        class("a link without a scheme", link("//news.example/1"), &["link=/1"]),
        class("a link without slashes", link("www.other.example/1"), &["link=http://www.other.example/1"]),
        class("a link of a scheme in upper case", link("HTTPS://NEWS.EXAMPLE/A"), &["link=/A"]),
        class("a link with backslashes", link("https:\\\\news.example\\1"), &["link=/1"]),
        class("a link with one slash", link("https:/news.example/1"), &["link=/1"]),
        class("a link of two schemes", link("http://https://news.example/1"), &["link=/1"]),
        class("a link with a query alone", link("?id=7"), &["link=/?id=7"]),
        class("a link with spaces around", link("\n\t https://news.example/1 \u{3000}"), &["link=/1"]),
        class("a link with spaces inside", link("https://news.example/a b.html"), &["link=/a%20b.html"]),
        class("a link broken over lines", link("https://news.example/a\n/1.html"), &["link=/a/1.html"]),
        class(
            "a link outside ASCII",
            link("https://news.example/港口?题=开"),
            &["link=/%E6%B8%AF%E5%8F%A3?%E9%A2%98=%E5%BC%80"],
        ),
        class(
            "a link of a host outside ASCII",
            link("https://新闻.example/1"),
            &["link=https://xn--efvy88h.example/1"],
        ),
        class("a link with a bad escape", link("https://news.example/100%/%zz"), &["link=/100%/%zz"]),
        class("a link escaped twice", link("https://news.example/v?a=1&amp;amp;b=2"), &["link=/v?a=1&b=2"]),
        class("a link in an anchor", link("<a href='https://news.example/1'>https://news.example/1</a>"), &["link=/1"]),
        class(
            "a link in an escaped anchor",
            link("&lt;a href='https://news.example/1'&gt;open&lt;/a&gt;"),
            &["title=a"],
        ),
        class("a link in escaped CDATA", link("&lt;![CDATA[https://news.example/1]]&gt;"), &["link=/1"]),
        class("a link with a fragment", link("https://news.example/1#comments"), &["link=/1#comments"]),
        class("a link to a script", link("javascript:void(0)"), &["link=/ | part=a"]),
        class("a link to mail", link("mailto:desk@news.example"), &["link=/ | part=a"]),
        class("a link that is too long", link(&long), &["link=/ | part=a"]),
        class(
            "a link in an attribute, in RSS",
            one("<title>a</title><link href='https://news.example/1'/>"),
            &["link=/1"],
        ),
        class("a link in text, in Atom", atom("", "<link>https://news.example/1</link>"), &["link=/1"]),
        class("a link in an address", one("<title>a</title><url>https://news.example/1</url>"), &["link=/1"]),
        class(
            "many links, in Atom",
            atom(
                "",
                "<link rel='self' href='/self'/><link rel='enclosure' href='/e.mp3'/><link rel='replies' href='/r'/>\
                 <link rel='alternate' type='application/json' href='/j'/><link rel='alternate' type='text/html' href='/1'/><link rel='edit' href='/x'/>",
            ),
            &["link=/1"],
        ),
        class(
            "a link whose relation is an address",
            atom("", "<link rel='http://www.iana.org/assignments/relation/alternate' href='/1'/>"),
            &["link=/1"],
        ),
        class(
            "a link of Atom beside that of RSS",
            one("<title>a</title><atom:link rel='self' href='/feed'/><link>/1</link>"),
            &["link=/1"],
        ),
        class(
            "only an enclosure",
            one("<title>a</title><enclosure url='https://news.example/a.mp3' type='audio/mpeg' length='1'/>"),
            &["part=a | image="],
        ),
        class(
            "the original link of a middleman",
            one(
                "<title>a</title><link>https://feeds.example/~r/1</link><feedburner:origLink>https://news.example/1</feedburner:origLink>",
            ),
            &["link=/1"],
        ),
        class("content from elsewhere, in Atom", atom("", "<content src='/1' type='text/html'/>"), &["link=/1"]),
    ]
}

fn of_guids() -> Vec<Class> {
    let guid = |s: &str| one(&format!("<title>a</title>{s}"));
    vec![
        class(
            "an empty link and a guid that is one",
            guid("<link/><guid isPermaLink='true'>https://news.example/1</guid>"),
            &["link=/1"],
        ),
        class("a guid that is a link unsaid", guid("<guid>https://news.example/1</guid>"), &["link=/1"]),
        class("a guid that is a relative link", guid("<guid isPermaLink='true'>/1</guid>"), &["link=/1"]),
        class(
            "a guid that says it is no link",
            guid("<guid isPermaLink='false'>https://news.example/1</guid>"),
            &["link=/ | part=https://news.example/1"],
        ),
        class(
            "a guid that says so in upper case",
            guid("<guid ISPERMALINK='FALSE'>https://news.example/1</guid>"),
            &["link=/ | part=https://news.example/1"],
        ),
        class("a guid that is no address", guid("<link>/1</link><guid>news-1</guid>"), &["guid=news-1 | link=/1"]),
        class("a guid with spaces around", guid("<link>/1</link><guid>\n news-1 </guid>"), &["guid=news-1"]),
        class("an empty guid", guid("<link>/1</link><guid></guid>"), &["guid= | link=/1"]),
        class("no guid and no link", guid("<description>港口</description>"), &["guid= | link=/ | part=a"]),
        class(
            "a guid twice",
            rss(
                "<item><title>a</title><link>/1</link><guid>g</guid></item><item><title>b</title><link>/2</link><guid>g</guid></item>",
            ),
            &["title=a | link=/1 | guid=g", "title=b | link=/2 | guid=g"],
        ),
        class(
            "a link twice",
            rss("<item><title>a</title><link>/1</link></item><item><title>b</title><link>/1</link></item>"),
            &["title=a | link=/1", "title=b | link=/1"],
        ),
        class("an identifier in Atom that is a link", atom("", "<id>https://news.example/1</id>"), &["link=/1"]),
        class(
            "an identifier in Atom that is none",
            atom("", "<id>urn:uuid:1</id>"),
            &["guid=urn:uuid:1 | part=urn:uuid:1"],
        ),
    ]
}

fn of_bases() -> Vec<Class> {
    vec![
        class(
            "bases one in another",
            atom("xml:base='https://news.example/a/'", "<link xml:base='c/' href='1'/>")
                .replace("<entry>", "<entry xml:base='b/'>"),
            &["link=/a/b/c/1"],
        ),
        class("a base that is relative", atom("xml:base='../x/'", "<link href='1'/>"), &["link=/x/1"]),
        class("a base that is no address", atom("xml:base='http://['", "<link href='/1'/>"), &["link=/1"]),
        class("a base that is a script", atom("xml:base='javascript:x'", "<link href='/1'/>"), &["link=/1"]),
        class("a base that is empty", atom("xml:base=''", "<link href='/1'/>"), &["link=/1"]),
        class(
            "a relative link in a mirrored feed",
            link("1.html").replace("https://news.example/<", "https://site.example/zh/<"),
            &["link=https://site.example/zh/1.html"],
        ),
        class(
            "a link of the channel that is relative",
            link("1.html").replace("https://news.example/<", "/zh/<"),
            &["link=/world/1.html"],
        ),
        class(
            "no link of the channel",
            link("1.html").replace("<link>https://news.example/</link>", ""),
            &["link=/world/1.html"],
        ),
    ]
}
