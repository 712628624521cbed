//! Markup that no reader of XML would take: references, tags, attributes, sections, characters.

use super::{Class, class, item, one, refused, rss, told};

const LINK: &str = "<link>https://news.example/1</link>";

fn title(written: &str) -> String {
    one(&format!("<title>{written}</title>{LINK}"))
}

fn cut(before: &str) -> String {
    let whole = rss("@");
    format!("{}{}{before}", whole.split_once('@').unwrap().0, item(1))
}

/// What a link and the entry after it must be when what stands between them is broken.
fn between(broken: &str) -> String {
    rss(&format!("<item><title>消息1</title>{broken}<link>https://news.example/1</link></item>{}", item(2)))
}

pub(crate) fn classes() -> Vec<Class> {
    [characters(), tags(), attributes(), sections(), cuts()].into_iter().flatten().collect()
}

fn characters() -> Vec<Class> {
    let bomb = "<!DOCTYPE rss [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>";
    vec![
        class(
            "entities of HTML",
            title("caf&eacute; &mdash; 港口&nbsp;&bull; &hellip;"),
            &["title=café — 港口 • … | link=/1"],
        ),
        class("entities that nobody knows", title("&harbour; 开放"), &["title=&harbour; 开放"]),
        class("entities that have lost their end", title("港口&nbsp开放 &amp 关闭"), &["title=港口 开放 & 关闭"]),
        class("entities escaped twice", title("A &amp;amp; B &amp;#8211; C &amp;nbsp;D"), &["title=A & B – C D"]),
        class("numbers of windows-1252", title("&#147;港口&#148; &#133;"), &["title=“港口” …"]),
        class("numbers of no character", title("港&#0;口&#xD800;开&#x110000;放&#1;"), &["link=/1"]),
        class("a bare ampersand", title("A & B &"), &["title=A & B &"]),
        class(
            "a bare ampersand in a link",
            one("<title>a</title><link>https://news.example/v?a=1&b=2&copy=3</link>"),
            &["link=/v?a=1&b=2&copy=3"],
        ),
        class("a bare less-than sign", title("3 < 5, x<y, <3 and a <"), &["title=3 < 5, x<y, <3 and a < | link=/1"]),
        class("a bare greater-than sign", title("5 > 3 >> 2"), &["title=5 > 3 >> 2"]),
        class("control characters", title("港\u{1}口\u{8}开\u{b}放\u{1f}"), &["title=港口开放"]),
        class("NUL bytes in the text", title("港\0口"), &["title=港口"]),
        class("NUL bytes in a tag", between("<des\0cription>x</description>"), &["summary=x | link=/1", &told(2)]),
        class("characters that are none", title("港\u{FFFE}口\u{FFFF}"), &["title=港口"]),
        class(
            "line ends of every kind",
            title("港口\r\n开放\r今天\u{2028}货轮\u{85}靠岸"),
            &["title=港口 开放 今天 货轮 靠岸"],
        ),
        class(
            "entities of the document itself",
            title("&b;").replace("?>\n", &format!("?>{bomb}")),
            &["title=&b; | link=/1"],
        ),
        class(
            "an entity that names a file",
            title("&x;").replace("?>\n", "?><!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>"),
            &["title=&x;"],
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn tags() -> Vec<Class> {
    vec![
        class(
            "HTML unescaped in the description",
            between("<description><p>港口<br>开放<img src=a.jpg>今天<a href='/x'>货轮</a><p>靠岸</description>"),
            &["title=消息1 | summary=港口 开放 今天货轮 靠岸 | link=/1", &told(2)],
        ),
        class(
            "a title and a list in the description",
            between("<description><ul><li>一<li>二</ul></description>"),
            &["title=消息1 | summary=一 二 | link=/1", &told(2)],
        ),
        class("HTML unescaped in the title", title("港口<br/>开<b>放</b>"), &["title=港口 开放"]),
        class("HTML escaped in the title", title("港口 &lt;b&gt;开放&lt;/b&gt;"), &["title=港口 开放"]),
        class("HTML escaped twice in the title", title("&amp;lt;b&amp;gt;港口&amp;lt;/b&amp;gt;"), &["link=/1"]),
        class(
            "tags in upper case",
            one(&format!("<title>港口</title>{LINK}"))
                .to_uppercase()
                .replace("HTTPS://NEWS.EXAMPLE/", "https://news.example/"),
            &["title=港口 | link=/1"],
        ),
        class(
            "tags in mixed case",
            one("<Title>港口</title><LINK>https://news.example/1</Link>").replace("item", "Item"),
            &["title=港口 | link=/1"],
        ),
        class(
            "tags with spaces inside",
            one("<title >港口</title ><link\n>https://news.example/1</link\t>"),
            &["title=港口 | link=/1"],
        ),
        class(
            "tags that begin with a space",
            between("< description>x</ description>"),
            &["title=消息1 | link=/1", &told(2)],
        ),
        class(
            "an end tag with attributes",
            one(&format!("<title>港口</title lang=\"zh\">{LINK}")),
            &["title=港口 | link=/1"],
        ),
        class(
            "an end tag that is misspelt",
            one("<title>港口</titel><link>https://news.example/1</link>"),
            &["title=港口 | link=/1"],
        ),
        class(
            "an end tag without its end",
            one("<title>港口</title<link>https://news.example/1</link>"),
            &["title=港口 | link=/1"],
        ),
        class(
            "a start tag without its end",
            one("<title>港口</title><description<link>https://news.example/1</link>"),
            &["title=港口 | link=/1"],
        ),
        class("an end tag too many", one(&format!("<title>港口</b></title></p>{LINK}")), &["title=港口 | link=/1"]),
        class(
            "tags that cross",
            between("<description><b>港<i>口</b>开</i></description>"),
            &["summary=港口开 | link=/1", &told(2)],
        ),
        class(
            "a title that is not closed",
            one("<title>港口<link>https://news.example/1</link>"),
            &["title=港口 | link=/1"],
        ),
        class(
            "a link that is not closed",
            rss(&format!("<item><title>港口</title><link>https://news.example/1</item>{}", item(2))),
            &["title=港口 | link=/1", &told(2)],
        ),
        class(
            "a description that is not closed",
            one(&format!(
                "<title>港口</title>{LINK}<description>开放<pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate><guid>g</guid>"
            )),
            &["title=港口 | summary=开放 | date=2026-11-20T10:00Z | guid=g"],
        ),
        class("names outside ASCII", between("<摘要 类=\"甲\">x</摘要>"), &[&told(1), &told(2)]),
        class("names that are numbers", between("<1>x</1><-y/>"), &["link=/1", &told(2)]),
        class("an instruction inside", between("<?php echo '<item>' ?>"), &[&told(1), &told(2)]),
    ]
}

fn attributes() -> Vec<Class> {
    let guid = |attrs: &str| one(&format!("<title>a</title><guid {attrs}>https://news.example/7</guid>"));
    let many: String = (0..10_000).map(|n| format!(" a{n}='{n}'")).collect();
    vec![
        class("an attribute twice", guid("isPermaLink='true' isPermaLink='false'"), &["link=/7"]),
        class("an attribute without quotes", guid("isPermaLink=true x=1/2"), &["link=/7"]),
        class("an attribute without a value", guid("isPermaLink x"), &["link=/7"]),
        class("attributes without space between", guid("a='1'b=\"2\"isPermaLink='true'"), &["link=/7"]),
        class("attributes with lines in them", guid("a='1\n2'\r\n isPermaLink\n=\n'true'"), &["link=/7"]),
        class("attributes in curly quotes", guid("isPermaLink=“true”"), &["guid=https://news.example/7"]),
        class(
            "an attribute whose quote is not closed",
            format!(
                "{}{}",
                &rss("")[..rss("").len() - 16],
                "<item><title>a</title><guid isPermaLink=\"true>https://news.example/7</guid></item></channel></rss>"
            ),
            &["title=a"],
        ),
        class("a tag in an attribute", guid("a='<b>' isPermaLink='true'"), &["link=/7"]),
        class("a greater-than sign in an attribute", guid("a='1 > 0' isPermaLink='true'"), &["link=/7"]),
        class(
            "bare ampersands in an attribute",
            one("<title>a</title><link/><link href='/v?a=1&b=2&lt=3'/>"),
            &["link=/v?a=1&b=2&lt=3"],
        ),
        class("ten thousand attributes", guid(&many), &["link=/7"]),
    ]
}

fn sections() -> Vec<Class> {
    vec![
        class("CDATA in CDATA", title("<![CDATA[港口 <![CDATA[今天]]> 开放]]>"), &["title=港口 今天 开放 | link=/1"]),
        class("CDATA that is escaped", title("&lt;![CDATA[港口开放]]&gt;"), &["title=港口开放"]),
        class("CDATA in lower case", title("<![cdata[港口开放]]>"), &["title=港口开放 | link=/1"]),
        class("CDATA beside text", title("港口<![CDATA[ & ]]>开放"), &["title=港口 & 开放"]),
        class(
            "CDATA around every field",
            one(
                "<title><![CDATA[港口]]></title><link><![CDATA[ https://news.example/1 ]]></link><pubDate><![CDATA[Fri, 20 Nov 2026 10:00:00 GMT]]></pubDate>",
            ),
            &["title=港口 | link=/1 | date=2026-11-20T10:00Z"],
        ),
        class("CDATA split at its own end", title("<![CDATA[a]]]]><![CDATA[>b]]>"), &["title=a]]>b"]),
        class("references in CDATA", title("<![CDATA[A &amp; B &#39;C&#39;]]>"), &["title=A & B 'C'"]),
        class("the end of CDATA in text", title("港口 ]]> 开放"), &["title=港口 ]]> 开放"]),
        class(
            "the end of CDATA with a space",
            between("<description><![CDATA[开放]] ></description>"),
            &[&told(1), &told(2)],
        ),
        class("an empty CDATA", between("<description><![CDATA[]]></description>"), &["summary= | link=/1", &told(2)]),
        class("a comment with dashes", between("<!-- a -- b --- c -->"), &[&told(1), &told(2)]),
        class("a comment that is empty", between("<!----><!-- -->"), &[&told(1), &told(2)]),
        class("a comment in the title", title("港口<!-- x -->开放"), &["title=港口开放"]),
        class("an item in a comment", rss(&format!("{}<!-- {} -->", item(1), item(2))), &[&told(1)]),
        class("a document type inside", between("<!DOCTYPE x>"), &[&told(1), &told(2)]),
        class("a declaration inside", between("<?xml version=\"1.0\"?>"), &[&told(1), &told(2)]),
    ]
}

fn cuts() -> Vec<Class> {
    let open = "<item><link>https://news.example/2</link><title>消";
    let part = "title=消 | link=/2";
    vec![
        class("cut in text", cut(open), &[&told(1), part]).says("cut off"),
        class("cut in a tag", cut(&format!("{open}</ti")), &[&told(1), part]).says("cut off"),
        class("cut in an attribute", cut(&format!("{open}</title><guid isPermaLink=\"fal")), &[&told(1), part]),
        class("cut in CDATA", cut("<item><link>https://news.example/2</link><title><![CDATA[消"), &[&told(1), part]),
        class(
            "cut in the start of CDATA",
            cut("<item><link>https://news.example/2</link><title>消<![CDA"),
            &[&told(1), part],
        ),
        class("cut in a comment", cut(&format!("{open}</title><!-- <item><title>no")), &[&told(1), part]),
        class("cut in a reference", cut(&format!("{open}&am")), &[&told(1), "title=消&am | link=/2"]),
        class("cut in an instruction", cut(&format!("{open}</title><?php ech")), &[&told(1), part]),
        class("cut after the channel's head", rss("").replace("</channel></rss>", ""), &[]).says("cut off"),
        refused("cut in the root tag", "<?xml version=\"1.0\"?><rss version=\"2.", "no root"),
    ]
}
