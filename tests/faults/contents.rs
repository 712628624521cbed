//! What entries say, in the fields in which they say it.

use super::{Class, class, one, rss};

fn item(inside: &str) -> String {
    one(&format!("<link>https://news.example/1</link>{inside}"))
}

fn atom(entry: &str) -> String {
    format!(
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:media='http://search.yahoo.com/mrss/'><entry><link href='https://news.example/1'/>{entry}</entry></feed>"
    )
}

pub(crate) fn classes() -> Vec<Class> {
    [titles(), texts(), people(), pictures()].into_iter().flatten().collect()
}

fn titles() -> Vec<Class> {
    vec![
        class("no title", item("<description>港口</description>"), &["title= | summary=港口 | part= | link=/1"]),
        class("an empty title", item("<title/><description>港口</description>"), &["title= | summary=港口"]),
        class("a title of Dublin Core", item("<dc:title>港口</dc:title>"), &["title=港口"]),
        class(
            "a title of a picture before the title",
            item("<media:title>no</media:title><title>港口</title>"),
            &["title=港口"],
        ),
        class(
            "a title of a picture in a group",
            item("<media:group><title>no</title></media:group><title>港口</title>"),
            &["title=港口"],
        ),
        class("a title on many lines", item("<title>\n  港口\n\t开放\n</title>"), &["title=港口 开放"]),
        class(
            "a title in base64, in Atom 0.3",
            atom("<title mode='base64' type='text/plain'>5riv5Y+j5byA5pS+</title>"),
            &["title=港口开放"],
        ),
        class(
            "a title in XHTML, in Atom",
            atom("<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>港口 <em>开放</em></div></title>"),
            &["title=港口 开放"],
        ),
        class(
            "a title in XHTML without a namespace",
            atom("<title type='xhtml'><div>1 &lt; 2</div></title>"),
            &["title=1 < 2"],
        ),
        class(
            "a title in HTML, in Atom",
            atom("<title type='html'>A &amp;amp; &lt;b&gt;B&lt;/b&gt;</title>"),
            &["title=A & B"],
        ),
        class(
            "a title that is text, in Atom",
            atom("<title type='text'>A &amp; B &lt;= C</title>"),
            &["title=A & B <= C"],
        ),
        class("a title of a type that is none", atom("<title type='x/y'>港口</title>"), &["link=/1"]),
        class("a title with marks nobody sees", item("<title>\u{feff}港\u{200b}口\u{feff}</title>"), &["link=/1"]),
        class(
            "a script in the title",
            item("<title>港口&lt;script&gt;alert(1)&lt;/script&gt;</title>"),
            &["title=港口"],
        ),
    ]
}

fn texts() -> Vec<Class> {
    let long = "港口今天重新开放。".repeat(60);
    vec![
        class("no description", item("<title>a</title>"), &["summary= | content="]),
        class(
            "a description in HTML",
            item("<description>&lt;p&gt;港口&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;</description>"),
            &["summary=港口 | content=<p>港口</p><script>x</script>"],
        ),
        class(
            "a description that is the whole text",
            item(&format!("<description>&lt;p&gt;{long}&lt;/p&gt;</description>")),
            &[&format!("summary={long} | content=<p>{long}</p>")],
        ),
        class(
            "a description and the whole text",
            item("<description>短</description><content:encoded><![CDATA[<p>长</p>]]></content:encoded>"),
            &["summary=短 | content=<p>长</p>"],
        ),
        class(
            "the whole text before the description",
            item("<content:encoded>&lt;p&gt;长&lt;/p&gt;</content:encoded><description>短</description>"),
            &["summary=短 | content=<p>长</p>"],
        ),
        class(
            "the whole text empty",
            item("<content:encoded> </content:encoded><description>短</description>"),
            &["summary=短 | content="],
        ),
        class(
            "the whole text in two fields",
            item("<content:encoded/><content:encoded>&lt;p&gt;长&lt;/p&gt;</content:encoded>"),
            &["content=<p>长</p>"],
        ),
        class(
            "the whole text unescaped",
            item("<content:encoded><p>长<br>文</p></content:encoded><title>a</title>"),
            &["title=a"],
        ),
        class(
            "a body of XHTML",
            item("<body xmlns='http://www.w3.org/1999/xhtml'><p>长</p></body>"),
            &["content=<p>长</p>"],
        ),
        class(
            "a summary in XHTML, in Atom",
            atom("<summary type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>短 &lt; 长</p></div></summary>"),
            &["summary=短 < 长"],
        ),
        class(
            "content in base64, in Atom",
            atom("<content type='text/html' mode='base64'>PHA+5rivPC9wPg==</content>"),
            &["content=<p>港</p>"],
        ),
        class(
            "content that is a picture, in Atom",
            atom("<title>a</title><content type='image/png'>iVBORw0KGgo=</content>"),
            &["title=a | content="],
        ),
        class(
            "content in base64 that is none",
            atom("<title>a</title><content type='application/pdf'>???</content>"),
            &["title=a | content="],
        ),
        class(
            "content said to be XHTML and escaped",
            atom("<content type='xhtml'>&lt;p&gt;长&lt;/p&gt;</content>"),
            &["link=/1"],
        ),
        class("a summary of iTunes", item("<title>a</title><itunes:summary>短</itunes:summary>"), &["summary=短"]),
    ]
}

fn people() -> Vec<Class> {
    vec![
        class("an author by mail and name", item("<author>desk@news.example (安 Lee)</author>"), &["author=安 Lee"]),
        class(
            "an author by name and mail",
            item("<author>安 Lee &lt;desk@news.example&gt;</author>"),
            &["author=安 Lee"],
        ),
        class("an author by mail alone", item("<author>desk@news.example</author>"), &["author=desk@news.example"]),
        class("an author by name alone", item("<author>安</author>"), &["author=安"]),
        class(
            "an author in elements",
            item("<author><name>安</name><email>desk@news.example</email></author>"),
            &["author=安"],
        ),
        class(
            "an author in empty elements",
            item("<author><name/></author><dc:creator>博</dc:creator>"),
            &["author=博"],
        ),
        class("two authors", item("<dc:creator>安</dc:creator><dc:creator>博</dc:creator>"), &["author=安, 博"]),
        class("an author of iTunes", item("<itunes:author>安</itunes:author>"), &["author=安"]),
        class(
            "an author of the whole feed, in Atom",
            "<feed xmlns='http://www.w3.org/2005/Atom'><author><name>台</name></author><entry><link href='/1'/></entry><entry><link href='/2'/><author><name>安</name></author></entry></feed>",
            &["author=台", "author=安"],
        ),
        class(
            "the paper of an item",
            item("<source url='https://wire.example/rss'>通讯社</source>"),
            &["origin=通讯社"],
        ),
        class(
            "the paper of an item that is an address",
            item("<source>https://wire.example/rss</source><dc:source>通讯社</dc:source>"),
            &["origin=通讯社"],
        ),
        class(
            "the paper of an entry, in Atom",
            atom("<source><title>通讯社</title><author><name>安</name></author></source>"),
            &["origin=通讯社 | author=安"],
        ),
        class(
            "categories of every kind",
            item(
                "<title>a</title><category>港口</category><category domain='x'/><dc:subject>货轮</dc:subject><itunes:category text='y'/><media:keywords>z</media:keywords>",
            ),
            &["title=a | summary="],
        ),
        class(
            "the language of an item",
            rss(
                "<language>zh-CN</language><item><link>/1</link></item><item><link>/2</link><dc:language>en</dc:language></item>",
            ),
            &["language=zh-CN", "language=en"],
        ),
        class("a language that is none", rss("<language> </language><item><link>/1</link></item>"), &["language="]),
    ]
}

fn pictures() -> Vec<Class> {
    vec![
        class("a picture enclosed", item("<enclosure url='/i.jpg' type='image/jpeg' length='x'/>"), &["image=/i.jpg"]),
        class("a picture enclosed without a type", item("<enclosure url='/i.PNG?w=1'/>"), &["image=/i.PNG?w=1"]),
        class("a sound enclosed", item("<enclosure url='/a.mp3' type='audio/mpeg'/>"), &["image="]),
        class(
            "a picture of media",
            item(
                "<media:content url='/v.mp4' type='video/mp4'/><media:content url='/i.jpg' medium='image'/><media:thumbnail url='/t.jpg'/>",
            ),
            &["image=/i.jpg"],
        ),
        class(
            "a picture in a group",
            item("<media:group><media:content url='/i.jpg' type='image/jpeg'/></media:group>"),
            &["image=/i.jpg"],
        ),
        class(
            "a picture in content of a group in Atom",
            atom(
                "<title>a</title><media:group><media:title>no</media:title><media:thumbnail url='/t.jpg'/><media:description>短</media:description></media:group>",
            ),
            &["title=a | image=/t.jpg"],
        ),
        class("a picture of iTunes", item("<itunes:image href='/i.jpg'/>"), &["image=/i.jpg"]),
        class("a picture in a field of its own", item("<image><url>/i.jpg</url></image>"), &["image=/i.jpg"]),
        class(
            "a picture linked, in Atom",
            atom("<link rel='enclosure' type='image/png' href='/i.png'/>"),
            &["image=/i.png"],
        ),
        class("a picture without an address", item("<media:thumbnail/><enclosure type='image/png'/>"), &["image="]),
    ]
}
