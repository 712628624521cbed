//! Versions, vocabularies and namespaces, sound and otherwise.

use super::{Class, class, item, rss, told};

const ATOM: &str = "http://www.w3.org/2005/Atom";
const DC: &str = "http://purl.org/dc/elements/1.1/";

fn atom(root: &str, entry: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><feed {root}><title>晨报</title><id>f</id><updated>2026-11-20T00:00:00Z</updated><entry>{entry}</entry></feed>"
    )
}

fn rdf(namespace: &str, prefix: &str) -> String {
    format!(
        "<{prefix}:RDF xmlns:{prefix}='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='{namespace}'>\
         <channel><title>晨报</title><link>https://news.example/</link></channel>{}{}</{prefix}:RDF>",
        item(1),
        item(2)
    )
}

pub(crate) fn classes() -> Vec<Class> {
    [of_rss(), of_atom(), of_namespaces()].into_iter().flatten().collect()
}

fn of_rss() -> Vec<Class> {
    let (one, two) = (told(1), told(2));
    let both = &[one.as_str(), two.as_str()][..];
    let versioned = |version: &str| rss(&format!("{}{}", item(1), item(2))).replace("version=\"2.0\"", version);
    vec![
        class("RSS 0.90", rdf("http://my.netscape.com/rdf/simple/0.9/", "rdf"), both),
        class("RSS 0.90 of the other address", rdf("http://channel.netscape.com/rdf/simple/0.9/", "rdf"), both),
        class("RSS 0.91", versioned("version=\"0.91\""), both),
        class("RSS 0.92", versioned("version=\"0.92\""), both),
        class("RSS 0.94", versioned("version=\"0.94\""), both),
        class("RSS 1.0", rdf("http://purl.org/rss/1.0/", "rdf"), both),
        class("RSS 1.0 with a prefix of its own", rdf("http://purl.org/rss/1.0/", "r"), both),
        class("RSS 1.0 without its namespace", rdf("http://news.example/", "rdf"), both),
        class(
            "RSS 1.0 with items inside the channel",
            rdf("http://purl.org/rss/1.0/", "rdf").replace("</channel>", "").replace("</rdf:RDF>", "</channel></rdf:RDF>"),
            both,
        ),
        class(
            "RSS 1.0 that only names its items",
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>\
             <channel rdf:about='/'><items><rdf:Seq><rdf:li resource='/1'/></rdf:Seq></items></channel>\
             <item rdf:about='https://news.example/1'><title>消息1</title></item></rdf:RDF>",
            &[&one],
        ),
        class(
            "RSS 1.1",
            format!(
                "<Channel xmlns='http://purl.org/net/rss1.1#' xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' rdf:about='/f'>\
                 <title>晨报</title><items rdf:parseType='Collection'>{}{}</items></Channel>",
                item(1),
                item(2)
            ),
            both,
        ),
        class("RSS 2.0 in the namespace of userland", versioned("version=\"2.0\" xmlns=\"http://backend.userland.com/rss2\""), both),
        class("RSS 2.0 in the namespace of Harvard", versioned("version=\"2.0\" xmlns=\"http://blogs.law.harvard.edu/tech/rss\""), both),
        class("RSS 2.0 in the namespace of Atom", versioned(&format!("version=\"2.0\" xmlns=\"{ATOM}\"")), both),
        class("RSS in a namespace that nobody knows", versioned("version=\"2.0\" xmlns=\"urn:x\""), both),
        class("RSS of a version that is none", versioned("version=\"3.5beta\""), both),
        class("RSS of an empty version", versioned("version=\"\""), both),
        class("RSS without a version", versioned(""), both),
        class("RSS with a prefix throughout", versioned("version=\"2.0\"").replace('<', "<rss:").replace("<rss:/", "</rss:").replace("<rss:?", "<?"), both),
        class(
            "CDF",
            "<?xml version='1.0'?><CHANNEL HREF='https://news.example/'><TITLE>晨报</TITLE>\
             <ITEM HREF='https://news.example/1' LASTMOD='2026-11-20T10:00'><TITLE>消息1</TITLE><ABSTRACT>港口</ABSTRACT></ITEM>\
             <ITEM HREF='/2'><TITLE>消息2</TITLE></ITEM></CHANNEL>",
            &["title=消息1 | link=/1 | summary=港口", &two],
        ),
        class("a sitemap instead", "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>https://news.example/1</loc></url></urlset>", &["link=/1"])
            .set_as(tidings::model::SourceKind::Feed)
            .says("a sitemap came"),
    ]
}

fn of_atom() -> Vec<Class> {
    let entry = "<title>消息1</title><link href=\"https://news.example/1\"/><id>tag:1</id>";
    let one = &["title=消息1 | link=/1 | guid=tag:1"][..];
    let prefixed =
        atom(&format!("xmlns:a=\"{ATOM}\""), entry).replace('<', "<a:").replace("<a:/", "</a:").replace("<a:?", "<?");
    vec![
        class("Atom 1.0", atom(&format!("xmlns=\"{ATOM}\""), entry), one),
        class(
            "Atom 0.3",
            atom(
                "version=\"0.3\" xmlns=\"http://purl.org/atom/ns#\"",
                "<title mode='escaped' type='text/html'>A &amp;amp; B</title><link rel='alternate' type='text/html' href='https://news.example/1'/>\
                 <issued>2026-11-20T10:00:00+08:00</issued><modified>2026-11-21T10:00:00+08:00</modified><content type='text/html' mode='escaped'>&lt;p&gt;x&lt;/p&gt;</content>",
            ),
            &["title=A & B | link=/1 | date=2026-11-20T02:00Z | updated=2026-11-21T02:00Z | content=<p>x</p>"],
        ),
        class("Atom without its namespace", atom("", entry), one),
        class("Atom in another namespace", atom("xmlns=\"http://www.w3.org/2005/Atom/x\"", entry), one),
        class("Atom in the namespace by https", atom("xmlns=\"https://www.w3.org/2005/Atom\"", entry), one),
        class("Atom in a namespace that nobody knows", atom("xmlns=\"http://news.example/atom\"", entry), one),
        class("Atom with a prefix throughout", prefixed.clone(), one),
        class(
            "Atom with a prefix that nobody declared",
            prefixed.replace(&format!("xmlns:a=\"{ATOM}\""), "").replace("<a:", "<atom:").replace("</a:", "</atom:"),
            one,
        ),
        class("a single entry of Atom", format!("<entry xmlns=\"{ATOM}\">{entry}</entry>"), one),
        class(
            "items in Atom",
            atom(&format!("xmlns=\"{ATOM}\""), entry).replace("entry>", "item>"),
            &["title=消息1 | link=/1"],
        ),
        class("entries in RSS", rss(&format!("<entry>{entry}</entry>")), one),
    ]
}

fn of_namespaces() -> Vec<Class> {
    let dated = |root: &str, name: &str| {
        rss(&item(1)).replace("version=\"2.0\"", root).replace(
            "</item>",
            &format!("<{name}:date>2026-11-20T10:00:00Z</{name}:date><{name}:creator>安</{name}:creator></item>"),
        )
    };
    let want = &["link=/1 | date=2026-11-20T10:00Z | author=安"][..];
    vec![
        class("prefixes that nobody declared", dated("version=\"2.0\"", "dc"), want),
        class("a prefix of another name", dated(&format!("xmlns:d='{DC}'"), "d"), want),
        class("a prefix in upper case", dated(&format!("xmlns:DC='{DC}'"), "DC"), want),
        class("a prefix declared in another case", dated(&format!("xmlns:dc='{DC}'"), "DC"), want),
        class("a prefix declared for what is not known", dated("xmlns:dc='urn:x'", "dc"), want),
        class("a prefix declared as nothing", dated("xmlns:dc=''", "dc"), want),
        class("a namespace without its last slash", dated("xmlns:d='http://purl.org/dc/elements/1.1'", "d"), want),
        class("a namespace by https", dated("xmlns:d='https://purl.org/dc/elements/1.1/'", "d"), want),
        class("a namespace declared on the element", dated("version='2.0'", "q").replace("<q:date>", &format!("<q:date xmlns:q='{DC}'>")).replace("<q:creator>", &format!("<q:creator xmlns:q='{DC}'>")), want),
        class(
            "two prefixes of one namespace",
            rss("<item><t:title>no</t:title><title>消息1</title><a:link href='/no' rel='self'/><link>https://news.example/1</link></item>")
                .replace("version=\"2.0\"", &format!("xmlns:a='{ATOM}' xmlns:t='urn:t'")),
            &["title=消息1 | link=/1"],
        ),
        class(
            "Atom of .NET in RSS",
            rss("<item><title>消息1</title><link>https://news.example/1</link><a10:updated>2026-11-20T10:00:00Z</a10:updated><a10:author><a10:name>安</a10:name></a10:author></item>")
                .replace("version=\"2.0\"", &format!("xmlns:a10='{ATOM}' version='2.0'")),
            &["title=消息1 | link=/1 | updated=2026-11-20T10:00Z | author=安"],
        ),
    ]
}
