"""What is wrong with feeds, and what feedparser reads in them: python3 check.py FILE.. prints JSON.

The rules are those of RSS 2.0, RFC 4287 (Atom), RFC 5005 (archives), JSON Feed 1.1, RFC 4151 (tag:) and RFC 3986, and what the W3C's
feed validator warns of beyond them: dates of update that are equal, languages that are none, one thing said twice, dates that
cannot be or fall on another day of the week, content before its description, characters that were lost, addresses that are relative,
titles and names that pass for HTML, ampersands that may be read twice, markup that is not safe or not balanced.
"""

import datetime
import email.utils
import html.parser
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ET

try:
    import feedparser
except ImportError:
    sys.exit("this test needs feedparser: run scripts/test, or pip install feedparser and set TIDINGS_TEST_PYTHON")

ATOM, CONTENT = "{http://www.w3.org/2005/Atom}", "{http://purl.org/rss/1.0/modules/content/}"
DC, MEDIA = "{http://purl.org/dc/elements/1.1/}", "{http://search.yahoo.com/mrss/}"
FH, XML = "{http://purl.org/syndication/history/1.0}", "{http://www.w3.org/XML/1998/namespace}"
RELATIONS = {"self", "alternate", "related", "hub", "prev-archive", "next-archive", "current"}
URI = re.compile(r"https?://[^/?#\s]+([A-Za-z0-9\-._~:/?#@!$&'()*+,;=]|%[0-9A-Fa-f]{2}|%)*$")
TAG = re.compile(r"tag:[a-z0-9.\-]+,\d{4}(-\d{2}(-\d{2})?)?:[A-Za-z0-9;/?:@&=+$.\-_!~*'()%,]+$")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
LANGUAGE = re.compile(r"[A-Za-z]{2}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{5,8})*$")
LOST = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ufffe\uffff]")
VOID = {"br", "img", "hr", "wbr", "source", "col", "track", "area"}
CLOSES = re.compile("</[A-Za-z]")
UNSAFE = {"script", "style", "iframe", "object", "embed", "form", "input", "meta", "link", "base", "applet", "frame"}


class Markup(html.parser.HTMLParser):
    """Tags that balance and are safe, links that are whole."""

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong = [], []
        self.feed(text)
        self.close()
        if self.open:
            self.wrong.append(f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        if tag in UNSAFE:
            self.wrong.append(f"unsafe: {tag}")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.wrong.append(f"unsafe: {name}")
            if name in ("href", "src") and not re.match(r"(https?|mailto|tel):", value or ""):
                self.wrong.append(f"relative: {value}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"not opened: {tag}")


class Checked:
    def __init__(self):
        self.wrong = []

    def need(self, holds, what):
        if not holds:
            self.wrong.append(what)

    def once(self, parent, *names):
        for name in names:
            found = len(parent.findall(name))
            self.need(found == 1, f"{parent.tag}: {found} of {name}")

    def plain(self, text, what):
        """What has no type beside it is not to look like HTML: readers guess."""
        self.need(not CLOSES.search(text or ""), f"{what} passes for HTML: {text}")

    def name(self, text, what):
        self.plain(text, what)
        self.need(text and text.strip(), f"no {what}")
        self.need(not re.search("<[^ >]+@[^ >]+>", text or ""), f"{what} with an address of mail: {text}")

    def markup(self, text, what):
        self.wrong += [f"{what}: {w}" for w in Markup(text or "").wrong]

    def instant(self, text):
        self.need(RFC3339.match(text or ""), f"no instant: {text}")
        at = datetime.datetime.fromisoformat((text or "").replace("Z", "+00:00"))
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        self.need(1990 <= at.year and at < soon, f"no likely instant: {text}")

    def language(self, tag):
        self.need(tag is None or LANGUAGE.match(tag), f"no language: {tag}")

    def texts(self, root):
        for element in root.iter():
            for text in [element.text, element.tail, *element.attrib.values()]:
                self.need(not LOST.search(text or ""), f"{element.tag}: characters that are none")
            self.language(element.get(XML + "lang"))

    def written(self, xml):
        """Outside of CDATA an ampersand is written by its number: `&amp;amp;` is read once by some and twice by others."""
        bare = re.sub(r"<!\[CDATA\[.*?\]\]>", "", xml, flags=re.S)
        self.need(not re.search("&(amp|lt);", bare), "an ampersand by its name")

    def links(self, links):
        rels = [link.get("rel") for link in links]
        for link in links:
            self.need(URI.match(link.get("href", "")), f"no address: {link.get('href')}")
            self.need(link.get("rel") in RELATIONS, f"unknown relation: {link.get('rel')}")
        return rels

    def archive(self, parent, rels):
        if parent.find(FH + "archive") is not None:
            self.need("current" in rels and {"prev-archive", "next-archive"} & set(rels), f"archive without links: {rels}")

    def atom(self, root):
        self.need(root.tag == ATOM + "feed", root.tag)
        self.once(root, ATOM + "id", ATOM + "title", ATOM + "updated")
        rels = self.links(root.findall(ATOM + "link"))
        self.need(rels.count("self") == 1 and rels.count("alternate") == 1, f"links: {rels}")
        self.archive(root, rels)
        for author in root.iter(ATOM + "author"):
            self.name(author.findtext(ATOM + "name"), "author")
        for tag in ("title", "subtitle", "summary"):
            for text in root.iter(ATOM + tag):
                if text.get("type", "text") == "text":
                    self.plain(text.text, tag)
        for link in root.iter(ATOM + "link"):
            self.plain(link.get("title"), "title of a link")
        self.need(root.find(ATOM + "author/" + ATOM + "name").text, "no author")
        self.instant(root.find(ATOM + "updated").text)
        self.need(TAG.match(root.find(ATOM + "id").text), "no identifier of the feed")
        entries = root.findall(ATOM + "entry")
        children = [child.tag for child in root]
        self.need(ATOM + "entry" not in children or children.index(ATOM + "entry") == len(children) - len(entries), "order")
        for name in ("id", "updated"):
            values = [e.findtext(ATOM + name) for e in entries]
            self.need(len(set(values)) == len(values), f"two entries with one {name}")
        for entry in entries:
            self.once(entry, ATOM + "id", ATOM + "title", ATOM + "updated", ATOM + "published")
            self.need(TAG.match(entry.findtext(ATOM + "id")), entry.findtext(ATOM + "id"))
            self.need((entry.findtext(ATOM + "title") or "").strip(), "an empty title")
            self.instant(entry.findtext(ATOM + "updated"))
            self.instant(entry.findtext(ATOM + "published"))
            self.need(self.links(entry.findall(ATOM + "link")).count("alternate") == 1, "entry without its page")
            content, summary = entry.find(ATOM + "content"), entry.find(ATOM + "summary")
            self.need(content is not None or summary is not None, "neither content nor summary")
            for part in (content, summary):
                if part is not None and part.get("type") == "html":
                    self.markup(part.text, part.tag)
            for source in entry.findall(ATOM + "source"):
                self.once(source, ATOM + "id", ATOM + "title", ATOM + "updated")
            for category in entry.findall(ATOM + "category"):
                self.need(category.get("term") and TAG.match(category.get("scheme", "")), f"category: {category.attrib}")
            for twice in ((ATOM + "source", DC + "source"), (ATOM + "published", DC + "date"), (ATOM + "author", DC + "creator")):
                self.need(any(entry.find(name) is None for name in twice), f"said twice: {twice}")
            self.images(entry)

    def images(self, item):
        for image in item.findall(MEDIA + "content"):
            self.need(URI.match(image.get("url", "")) and image.get("medium") == "image", f"image: {image.attrib}")

    def rss(self, root):
        self.need(root.tag == "rss" and root.get("version") == "2.0", root.tag)
        channel = root.find("channel")
        self.once(channel, "title", "link", "description", "ttl", "generator")
        rels = self.links(channel.findall(ATOM + "link"))
        self.need(rels.count("self") == 1, f"links: {rels}")
        self.archive(channel, rels)
        self.need(URI.match(channel.findtext("link")), "no page")
        for tag in ("title", "source", "category"):
            for text in channel.iter(tag):
                self.plain(text.text, tag)
        self.plain(channel.findtext("description"), "description")
        for name in ("guid",):
            values = [i.findtext(name) for i in channel.findall("item")]
            self.need(len(set(values)) == len(values), f"two items with one {name}")
        for item in channel.findall("item"):
            self.once(item, "title", "link", "guid", "pubDate", "source")
            for name in ("description", CONTENT + "encoded", DC + "language"):
                self.need(len(item.findall(name)) <= 1, f"several of {name}")
            self.need((item.findtext("title") or "").strip(), "an empty title")
            tags = [child.tag for child in item]
            both = "description" in tags and CONTENT + "encoded" in tags
            self.need(not both or tags.index("description") < tags.index(CONTENT + "encoded"), "content before description")
            self.need(item.find("author") is None or "@" in item.findtext("author"), "an author who is no address of mail")
            self.need(URI.match(item.findtext("link")), item.findtext("link"))
            self.need(item.find("guid").get("isPermaLink") == "false" and TAG.match(item.findtext("guid")), "guid")
            at = email.utils.parsedate_to_datetime(item.findtext("pubDate"))
            self.instant(at.isoformat())
            self.need(item.findtext("pubDate").startswith(at.strftime("%a, ")), f"no such day: {item.findtext('pubDate')}")
            self.need(URI.match(item.find("source").get("url", "")), "source")
            for twice in (("author", DC + "creator"), ("source", DC + "source"), ("category", DC + "subject"), ("pubDate", DC + "date")):
                self.need(any(item.find(name) is None for name in twice), f"said twice: {twice}")
            self.language(item.findtext(DC + "language"))
            self.markup(item.findtext("description"), "description")
            self.markup(item.findtext(CONTENT + "encoded"), "content")
            self.images(item)

    def json(self, feed):
        self.need(feed["version"] == "https://jsonfeed.org/version/1.1" and feed["title"], "version or title")
        self.need(all(URI.match(feed[k]) for k in ("home_page_url", "feed_url")), "addresses")
        ids = [item["id"] for item in feed["items"]]
        self.need(len(set(ids)) == len(ids) and all(TAG.match(i) for i in ids), "identifiers")
        for item in feed["items"]:
            self.need("content_html" in item or "content_text" in item, "no content")
            self.markup(item.get("content_html"), "content_html")
            self.instant(item["date_published"])
            self.instant(item["date_modified"])
            self.language(item.get("language"))
            self.need(all(a.get("name") for a in item["authors"]), "an author without a name")
            self.need(not LOST.search(json.dumps(item, ensure_ascii=False)), "characters that are none")


def read(path):
    """What feedparser makes of it."""
    feed = feedparser.parse(path.read_bytes(), sanitize_html=False, resolve_relative_uris=False)
    entries = [
        {
            "id": e.get("id"),
            "title": e.get("title"),
            "link": e.get("link"),
            "published": e.get("published_parsed") and datetime.datetime(*e.published_parsed[:6]).isoformat(),
            "author": e.get("author"),
            "terms": [t["term"] for t in e.get("tags", [])],
            "content": e.content[0].value if e.get("content") else None,
            "image": [m["url"] for m in e.get("media_content", [])],
        }
        for e in feed.entries
    ]
    return {"bozo": str(feed.get("bozo_exception", "")) if feed.bozo else "", "title": feed.feed.get("title"), "entries": entries}


def main():
    out = {}
    for name in sys.argv[1:]:
        path, checked = pathlib.Path(name), Checked()
        if path.suffix == ".json":
            checked.json(json.loads(path.read_text("utf-8")))
            out[path.name] = {"wrong": checked.wrong}
            continue
        root = ET.fromstring(path.read_bytes())
        checked.written(path.read_text("utf-8"))
        checked.texts(root)
        checked.rss(root) if path.suffix == ".rss" else checked.atom(root)
        out[path.name] = {"wrong": checked.wrong, **read(path)}
    print(json.dumps(out))


main()
