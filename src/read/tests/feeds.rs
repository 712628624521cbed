use super::*;
use crate::model::ListingKind;

const RSS: &str = r#"<?xml version="1.0" encoding="big5"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title>Harbour &amp;amp; Hill</title><link>https://news.example/</link><language>zh-Hant</language><ttl>15</ttl>
<item><title><![CDATA[ 港口 <b>復工</b> &amp; 罷工 ]]></title><link>
  /a/1.html </link><guid isPermaLink="false">g-1</guid><pubDate>Mon, 23 Nov 2026 21:40 CST</pubDate>
  <dc:creator>Ann Lee</dc:creator><source url="https://wire.example/rss">Wire Daily</source>
  <description>&lt;p&gt;One&nbsp;line.&lt;/p&gt;</description><content:encoded><![CDATA[<p>Body</p>]]></content:encoded>
  <media:thumbnail url="/i/1.jpg"/></item>
<item><title>Second</title><guid>https://news.example/a/2.html</guid><author>desk@news.example (Bo Chan)</author>
  <pubDate>Mon, 23 Nov 2099 10:00:00 GMT</pubDate><enclosure url="https://news.example/i/2.png" type="image/png" length="1"/></item>
<item><title>Nowhere</title><pubDate>no idea</pubDate></item>
</channel></rss>"#;

#[test]
fn times_to_be_left_alone_are_read() {
    let of = |asked: &str| {
        let text = format!(
            "<rss><channel><title>F</title>{asked}<item><title>A</title><link>https://n.example/1</link></item></channel></rss>"
        );
        read(&text).skip
    };
    let skip =
        of("<skipHours><hour>0</hour><hour> 3 </hour><hour>24</hour><hour>25</hour><hour>noon</hour></skipHours>\
                   <skipDays><day>Saturday</day><day>sunday</day><day>Someday</day></skipDays>");
    assert_eq!((skip.hours, skip.days), (0b1001, 0b110_0000));
    assert!(of("").is_empty());
}

#[test]
fn rss_is_read_with_all_it_says() {
    let listing = read(RSS);
    assert_eq!(
        (listing.kind, listing.title.as_deref(), listing.ttl_s),
        (ListingKind::Feed, Some("Harbour & Hill"), Some(900))
    );
    assert_eq!(
        links(&listing),
        ["https://news.example/a/1.html", "https://news.example/a/2.html", "https://news.example/"]
    );
    let (one, two, three) = (&listing.entries[0], &listing.entries[1], &listing.entries[2]);
    assert_eq!((one.part.as_deref(), three.part.as_deref()), (None, Some("Nowhere")), "it is told all the same");
    assert_eq!(one.title.as_deref(), Some("港口 復工 & 罷工"));
    assert_eq!(one.guid.as_deref(), Some("g-1"));
    assert_eq!(one.published.unwrap().to_rfc3339(), "2026-11-23T13:40:00+00:00");
    assert_eq!((one.author.as_deref(), one.origin.as_deref()), (Some("Ann Lee"), Some("Wire Daily")));
    assert_eq!((one.summary.as_deref(), one.content.as_deref()), (Some("One line."), Some("<p>Body</p>")));
    assert_eq!(one.image.as_ref().unwrap().as_str(), "https://news.example/i/1.jpg");
    assert_eq!(one.language.as_deref(), Some("zh-Hant"));
    assert_eq!((two.author.as_deref(), two.published), (Some("Bo Chan"), None));
    assert_eq!(two.image.as_ref().unwrap().path(), "/i/2.png");
    assert_eq!(messages(&listing), ["`Mon, 23 Nov 2099 10:00:00 GMT` lies in the future", "`no idea` is no date"]);
}

#[test]
fn atom_is_read_with_bases_and_text_of_every_type() {
    let listing = read(
        r#"<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:base="https://site.example/en/" xml:lang="en">
        <a:title type="html">Site &amp;lt;i&amp;gt;</a:title><a:author><a:name>Desk</a:name></a:author>
        <a:link rel="next" href="feed?page=2"/>
        <a:entry xml:base="x/"><a:id>tag:1</a:id><a:title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <em>b</em></div></a:title>
          <a:link rel="self" href="self"/><a:link rel="alternate" href="1"/><a:updated>2026-11-20T00:00:00+08:00</a:updated>
          <a:content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>1 &lt; 2<br/></p></div></a:content>
          <a:source><a:title>Other Paper</a:title></a:source></a:entry>
        <a:entry><a:id>tag:2</a:id><a:title>1 &lt; 2 &amp;amp; 3</a:title><a:link href="2"/><a:published>1981-01-01</a:published>
          <a:author><a:name>Eve</a:name></a:author><a:summary type="html">&lt;b&gt;x&lt;/b&gt;</a:summary></a:entry>
        <a:entry><a:id>tag:3</a:id><a:content type="nonsense">?</a:content><a:link href="3"/></a:entry></a:feed>"#,
    );
    assert_eq!(
        links(&listing),
        ["https://site.example/en/x/1", "https://site.example/en/2", "https://site.example/en/3"]
    );
    assert_eq!(listing.next.as_ref().unwrap().as_str(), "https://site.example/en/feed?page=2");
    let (one, two) = (&listing.entries[0], &listing.entries[1]);
    assert_eq!((one.title.as_deref(), one.author.as_deref()), (Some("A b"), Some("Desk")));
    assert_eq!(one.content.as_deref(), Some("<div><p>1 &lt; 2<br></p></div>"));
    assert_eq!((one.origin.as_deref(), one.language.as_deref()), (Some("Other Paper"), Some("en")));
    assert_eq!(one.updated.unwrap().to_rfc3339(), "2026-11-19T16:00:00+00:00");
    assert_eq!((two.title.as_deref(), two.summary.as_deref()), (Some("1 < 2 & 3"), Some("x")));
    assert_eq!(two.content.as_deref(), Some("<b>x</b>"), "markup is kept, however short");
    assert_eq!((two.author.as_deref(), two.published), (Some("Eve"), None));
    assert_eq!(messages(&listing), ["`1981-01-01` lies before 1990"]);
}

#[test]
fn rdf_and_old_dialects_are_read() {
    let rdf = read(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' \
         xmlns:date='http://purl.org/dc/elements/1.1/' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>\
         <channel><title>R</title><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency></channel>\
         <item rdf:about='https://n.example/1'><title>one</title><date:date>2026-11-20</date:date></item></rdf:RDF>",
    );
    assert_eq!((links(&rdf), rdf.ttl_s), (vec!["https://n.example/1"], Some(21_600)));
    assert!(rdf.entries[0].published.is_some());
    for old in [
        "<rss><channel><item><link>/1</link></item></channel></rss>",
        "<RSS VERSION='0.91'><CHANNEL><ITEM><LINK>/1</LINK></ITEM></CHANNEL></RSS>",
        "<rss xmlns='http://backend.userland.com/rss2' version='2.0'><channel/><item><link>/1</link></item></rss>",
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><link rel='alternate' href='/1'/></entry></feed>",
    ] {
        assert_eq!(links(&read(old)), ["https://news.example/1"], "{old}");
    }
}

#[test]
fn broken_feeds_give_what_can_be_had() {
    for (broken, titles) in [
        (
            "\u{feff}\n<b>Notice</b>: x\n<rss><channel><item><title>a</title><link>/1</link></item></channel></rss>",
            vec!["a"],
        ),
        (
            "<rss><channel><item><title>A & B &eacute;&bull; C&D</title><link>/1?a=1&b=2</link></item></channel></rss>",
            vec!["A & B é• C&D"],
        ),
        ("<rss><channel><item><title>a\u{0}\u{b}b</title><link>/1</link></item></channel></rss>", vec!["ab"]),
        (
            "<rss><channel><item><title>a</title><link>/1</link><item><title>b</title><link>/2</link></channel>",
            vec!["a", "b"],
        ),
        (
            "<rss><channel><item><title>a</b></title><link>/1</link></item><item><title>b<link>/2</link></item></channel></rss>",
            vec!["a", "b"],
        ),
        (
            "<rss><channel><item><title>a</title><link>/1</link></item><item><title>b</title><link>/2</link><descr",
            vec!["a", "b"],
        ),
        (
            "<rss><channel><item><title>a</title><link>/1</link></item><item><link>/2</link><title><![CDATA[b",
            vec!["a", "b"],
        ),
        (
            "<rss><channel><item><title>5 < 6</title><link>/1</link><x:y z=1 w>q</x:y></item></channel></rss>",
            vec!["5 < 6"],
        ),
        (
            "<!DOCTYPE rss [<!ENTITY l 'lol'>]><rss><channel><item><title>&l;a</title><link>/1</link></item></channel></rss>",
            vec!["&l;a"],
        ),
    ] {
        let listing = read(broken);
        let found: Vec<_> = listing.entries.iter().filter_map(|e| e.title.as_deref()).collect();
        assert_eq!(found, titles, "{broken}");
    }
}

#[test]
fn links_are_mended_and_wrapped_feeds_found() {
    let item = |link: &str| format!("<rss><channel><item>{link}</item></channel></rss>");
    for (written, meant) in [
        ("<link>www.n.example/1</link>", "http://www.n.example/1"),
        ("<link>//n.example/1</link>", "https://n.example/1"),
        ("<link>https://n.example/?a=1&amp;amp;b=2</link>", "https://n.example/?a=1&b=2"),
        ("<link/><guid isPermaLink='True'>https://n.example/1</guid>", "https://n.example/1"),
        ("<link><![CDATA[\n https://n.example/a b ]]></link>", "https://n.example/a%20b"),
    ] {
        assert_eq!(links(&read(&item(written))), [meant], "{written}");
    }
    for lost in
        ["<guid isPermaLink='False'>https://n.example/1</guid>", "<link>javascript:x()</link>", "<link>#top</link>"]
    {
        let listing = read(&item(lost));
        assert_eq!(messages(&listing), ["entry 1 has no link and says nothing"], "{lost}");
        assert!(listing.entries[0].part.is_some(), "{lost}");
    }
    let wrapped = format!("<html><body>{}</body></html>", item("<link>/1</link>"));
    let listing = read_as(SourceKind::Feed, Recipe::default(), &wrapped).unwrap();
    assert_eq!((listing.kind, listing.entries.len()), (ListingKind::Feed, 1));
}

#[test]
fn an_empty_feed_is_no_trouble_and_nothing_is() {
    let empty = read("<rss version='2.0'><channel><title>x</title></channel></rss>");
    assert!(empty.entries.is_empty() && empty.problems.is_empty());
    for nothing in ["", " \n", "word", "{\"items\": 3}", "{\"items\": [", "<x><y/></x>"] {
        assert!(read_as(SourceKind::Feed, Recipe::default(), nothing).is_err(), "{nothing}");
    }
}

#[test]
fn json_feeds_are_read() {
    let listing = read(
        r#"{"version": "https://jsonfeed.org/version/1.1", "title": "J", "language": "en", "authors": [{"name": "Desk"}], "items": [
        {"id": 7, "url": "/a/7", "title": "A &amp; B", "content_text": "x < y\nz", "date_published": "2026-11-20T10:00:00Z"},
        {"id": "https://n.example/8", "summary": "s", "authors": [{"name": "A"}, {"name": "B"}], "image": "/i.png"},
        {"id": "9"}, 5]}"#,
    );
    assert_eq!((listing.kind, listing.title.as_deref()), (ListingKind::JsonFeed, Some("J")));
    assert_eq!(links(&listing), ["https://news.example/a/7", "https://n.example/8"]);
    let (one, two) = (&listing.entries[0], &listing.entries[1]);
    assert_eq!((one.guid.as_deref(), one.title.as_deref()), (Some("7"), Some("A & B")));
    assert_eq!((one.content.as_deref(), one.author.as_deref()), (Some("x &lt; y<br>z"), Some("Desk")));
    assert_eq!(two.author.as_deref(), Some("A, B"));
    assert_eq!(listing.problems.len(), 2);
}

#[test]
fn news_sitemaps_are_read_and_indexes_are_told() {
    let map = read(
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>\
         <url><loc> https://news.example/a/1 </loc><lastmod>2026-11-22</lastmod><n:news><n:publication><n:name>Daily</n:name>\
         <n:language>zh-cn</n:language></n:publication><n:publication_date>2026-11-21T08:00:00+08:00</n:publication_date>\
         <n:title>One &amp; two</n:title></n:news></url><url><loc>http://news.example/a/1/</loc></url><url><loc>nowhere:</loc></url></urlset>",
    );
    assert_eq!((map.kind, map.entries.len(), map.problems.len()), (ListingKind::Sitemap, 1, 1));
    let one = &map.entries[0];
    assert_eq!(
        (one.title.as_deref(), one.language.as_deref(), one.origin.as_deref()),
        (Some("One & two"), Some("zh-cn"), Some("Daily"))
    );
    assert!(one.published < one.updated);
    let index = read("<sitemapindex><sitemap><loc>https://news.example/s1.xml</loc></sitemap></sitemapindex>");
    assert!(index.entries.is_empty());
    assert_eq!(index.children[0].path(), "/s1.xml");
    assert_eq!(messages(&read("<sitemapindex></sitemapindex>")), ["this index of sitemaps names none"]);
}

#[test]
fn the_sitemaps_of_an_index_are_told_newest_first() {
    let child = |file: &str, lastmod: &str| format!("<sitemap><loc>{file}</loc>{lastmod}</sitemap>");
    let index = read(&format!(
        "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</sitemapindex>",
        [
            child("https://news.example/undated-1.xml", ""),
            child("/2026-10.xml.gz", "<lastmod>2026-10-31T22:00:00+08:00</lastmod>"),
            child("/2026-11.xml.gz", "<lastmod>2026-11-23</lastmod>"),
            child("/2026-10.xml.gz", ""),
            child("mailto:us@news.example", ""),
            child("https://news.example/undated-2.xml", "<lastmod>soon</lastmod>"),
        ]
        .concat()
    ));
    let children: Vec<_> = index.children.iter().map(|u| u.path()).collect();
    assert_eq!(children, ["/2026-11.xml.gz", "/2026-10.xml.gz", "/undated-1.xml", "/undated-2.xml"]);
    assert!(index.entries.is_empty());
    let told = messages(&index);
    assert!(told.iter().any(|m| m.contains("sitemap 5")) && told.iter().any(|m| m.contains("`soon` is no date")));
}

#[test]
fn sitemaps_tell_pictures_and_news_under_any_prefix() {
    let map = read(
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:news='http://www.google.com/schemas/sitemap-news/0.9' \
         xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'><url><loc>https://news.example/a/7</loc>\
         <news:news><news:publication><news:name>日報</news:name><news:language>zh-tw</news:language></news:publication>\
         <news:publication_date>2026-11-23T21:00+08:00</news:publication_date><news:title><![CDATA[港口 & 橋]]></news:title>\
         <news:keywords>port, bridge</news:keywords></news:news><image:image><image:loc>/i/7.jpg</image:loc></image:image>\
         <image:image><image:loc>/i/8.jpg</image:loc></image:image></url></urlset>",
    );
    let entry = &map.entries[0];
    assert_eq!(entry.title.as_deref(), Some("港口 & 橋"));
    assert_eq!(entry.published.unwrap().to_rfc3339(), "2026-11-23T13:00:00+00:00");
    assert_eq!((entry.language.as_deref(), entry.origin.as_deref()), (Some("zh-tw"), Some("日報")));
    assert_eq!(entry.image.as_ref().unwrap().path(), "/i/7.jpg");
    assert!(map.problems.is_empty() && map.children.is_empty());
}

/// What feed-rs reads of a sound feed is what comes out; the tree beside it only adds.
#[test]
fn sound_feeds_are_read_as_feed_rs_reads_them() {
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><id>f</id><title>F</title><updated>2026-11-20T00:00:00Z</updated>\
        <entry><id>e1</id><title>One</title><link href='https://n.example/1'/><updated>2026-11-20T00:00:00Z</updated>\
        <published>2026-11-19T00:00:00Z</published><author><name>Ann</name></author><summary>S</summary></entry></feed>";
    let rss = RSS.replace("encoding=\"big5\"", "").replace("&nbsp;", " ").replace("21:40 CST", "21:40:00 +0800");
    for text in [atom, &rss] {
        let ours = read(text);
        let theirs = feed_rs::parser::parse(text.as_bytes()).unwrap();
        assert!(!ours.entries.is_empty());
        for (own, other) in ours.entries.iter().zip(&theirs.entries) {
            if own.part.is_none() {
                assert_eq!(own.guid.as_deref(), Some(other.id.as_str()));
            }
            if let Some(link) = other.links.first() {
                assert!(own.link.as_str().ends_with(link.href.trim()), "{} and {}", own.link, link.href);
            }
            let title = other.title.as_ref().map(|t| crate::read::plain::of_html(&t.content));
            assert_eq!(own.title, title);
            // The one that lies in the future is refused.
            assert!(own.published == other.published || other.published > Some(now()), "{title:?}");
        }
    }
}

#[test]
fn an_outline_lists_feeds_and_links() {
    let text = "<?xml version='1.0'?><OPML><body><outline text='x'><outline><outline xmlUrl='/f.xml' htmlUrl='/'/></outline>\
        <outline xmlurl='/f.xml'/><outline text='Page' url='https://other.example/p'/><outline text='n'/>";
    let found = read(text);
    assert_eq!(found.kind, ListingKind::Opml);
    assert_eq!(found.children.iter().map(Url::as_str).collect::<Vec<_>>(), ["https://news.example/f.xml"]);
    assert_eq!(links(&found), ["https://other.example/p"]);
    let many = format!("<opml><body>{}", "<outline>".repeat(200_000));
    assert!(read(&many).entries.is_empty());
}

#[test]
fn hubs_and_own_addresses_are_read() {
    let said = |text: &str| {
        let hub = read(text).hub;
        (hub.hub.map(String::from), hub.topic.map(String::from))
    };
    let whole = (Some("https://hub.example/".to_owned()), Some("https://port.example/feed".to_owned()));
    for text in [
        "<rss xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel><title>t</title>
         <atom:link rel=\"self\" href=\"https://port.example/feed\"/><atom:link rel=\"hub\" href=\"https://hub.example/\"/>
         <item><link>https://port.example/1</link><title>x</title></item></channel></rss>",
        "<rss xmlns:atom10=\"http://www.w3.org/2005/Atom\"><channel><title>t</title>
         <atom10:link rel=\"self\" href=\"https://port.example/feed\"/>
         <atom10:link rel=\"hub\" href=\"https://hub.example/\"/></channel></rss>",
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>t</title><link rel=\"hub\" href=\"https://hub.example/\"/>
         <link rel=\"hub\" href=\"https://second.example/\"/><link rel=\"self\" href=\"https://port.example/feed\"/></feed>",
        r#"{"version":"https://jsonfeed.org/version/1.1","title":"t","feed_url":"https://port.example/feed","items":[],
            "hubs":[{"type":"rssCloud","url":"https://cloud.example/"},{"type":"WebSub","url":"https://hub.example/"}]}"#,
    ] {
        assert_eq!(said(text), whole, "{text}");
    }
    let entry = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><link rel=\"hub\" href=\"https://hub.example/\"/>
                 <link href=\"https://port.example/1\"/></entry></feed>";
    assert_eq!(said(entry).0, None, "what an entry says is not said of the feed");
}
