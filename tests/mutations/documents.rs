//! Small sound documents of every kind, to be spoiled, and the tokens that spoil them.

/// Documents of every kind.
pub(crate) const DOCUMENTS: &[&str] = &[RSS, ATOM, RDF, JSON, SITEMAP, INDEX, LIST, BOARD, ARTICLE, DATES];

const RSS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>晨报</title><link>https://news.example/</link><language>zh-CN</language><ttl>30</ttl><author>编辑部</author>
<item><title><![CDATA[港口 <b>开放</b>]]></title><link>/a/1</link><guid isPermaLink="false">g1</guid><pubDate>Mon, 23 Nov 2026 21:40:00 +0800</pubDate>
<dc:creator>安</dc:creator><description>&lt;p&gt;货轮&amp;nbsp;靠岸&lt;/p&gt;</description><content:encoded><![CDATA[<p>正文</p><img src="/i.jpg">]]></content:encoded></item>
<item><title>天气 &amp; 海浪</title><guid>https://news.example/a/2</guid><enclosure url="/i/2.png" type="image/png" length="1"/></item>
</channel></rss>"#;

const ATOM: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/zh/" xml:lang="zh"><title type="html">A &amp;amp; B</title>
<link rel="next" href="?page=2"/><author><name>台</name></author>
<entry xml:base="x/"><id>tag:1</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">港 <em>口</em></div></title><link href="1"/>
<updated>2026-11-20T00:00:00+08:00</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>1 &lt; 2<br/></p></div></content></entry>
<entry><id>tag:2</id><title mode="base64">5riv5Y+j</title><link rel="alternate" href="2"/><summary type="text">短</summary></entry></feed>"#;

const RDF: &str = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:d="http://purl.org/dc/elements/1.1/">
<channel rdf:about="/"><title>R</title><items><rdf:Seq><rdf:li resource="/1"/></rdf:Seq></items></channel>
<item rdf:about="https://news.example/1"><title>一</title><d:date>2026-11-20</d:date></item></rdf:RDF>"#;

const JSON: &str = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "J", "authors": [{"name": "台"}], "items": [
{"id": "1", "url": "/1", "title": "港口", "content_html": "<p>开放</p>", "date_published": "2026-11-20T10:00:00Z"}, {"id": 2, "summary": "短"}]}"#;

const SITEMAP: &str = r#"<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://news.example/1</loc><lastmod>2026-11-20</lastmod><news:news><news:publication><news:name>晨报</news:name><news:language>zh</news:language></news:publication>
<news:publication_date>2026-11-20T10:00:00+08:00</news:publication_date><news:title>港口</news:title></news:news></url><url><loc>/2</loc></url></urlset>"#;

const INDEX: &str = r#"<sitemapindex><sitemap><loc>https://news.example/s1.xml</loc><lastmod>2026-11-20</lastmod></sitemap><sitemap><loc>/s2.xml.gz</loc></sitemap></sitemapindex>"#;

const LIST: &str = r#"<!DOCTYPE html><html><head><meta charset="utf-8"><title>港口新闻</title><link rel="alternate" type="application/rss+xml" href="/feed"></head><body>
<div class="nav"><a href="/">首页</a> <a href="/about">关于</a></div><ul class="list">
<li><a href="/a/1001.html">港口今天重新开放，货轮陆续靠岸</a> <span>2026-11-23 10:00</span></li>
<li><a href="/a/1002.html">天气转冷，渔船提前回到港内避风</a> <span>2026-11-22 09:00</span></li>
<li><a href="/a/1003.html">新的灯塔将在明年春天点亮海面</a> <span>2026-11-21 08:00</span></li>
<li><a href="/a/1004.html">码头工人与船东就工时达成协议</a> <span>2026-11-20 07:00</span></li></ul>
<div class="pg"><strong>1</strong><a href="?page=2" class="nxt">下一页</a></div></body></html>"#;

const BOARD: &str = r#"<html><body><div id="ct"><dl class="bbda"><dt><a href="portal.php?mod=view&aid=2" class="xi2">码头的新规定从今天起实行</a></dt><dd class="xs2"><div class="atc"><img src="/i.jpg"></div>摘要在这里</dd><dd><span class="xg1"> 2026-11-20 10:00</span></dd></dl>
<dl class="bbda"><dt><a href="portal.php?mod=view&aid=3" class="xi2">旧船坞改成了海员的博物馆</a></dt><dd><span class="xg1"> 昨天 10:00</span></dd></dl></div><div class="pg"><a class="nxt" href="?page=2">下一页</a></div></body></html>"#;

const ARTICLE: &str = r#"<html><head><meta charset="utf-8"><title>港口开放 - 晨报</title><meta property="article:published_time" content="2026-11-20T10:00:00+08:00"><script type="application/ld+json">{"@type": "NewsArticle", "headline": "港口开放", "author": {"name": "安"}}</script></head>
<body><div class="bm vw"><div class="h"><h1 class="ph">港口开放</h1><p class="xg1">2026-11-20 10:00 | 查看: 5 | 来自: 通讯社</p></div><table><tr><td id="article_content">
<p>港口今天重新开放，第一批货轮在清晨靠岸，工人们说等这一天已经等了三个月，码头上的灯一直亮着。</p><p>　　船东表示，积压的货物将在两周之内运完，之后的航班会恢复到往年的数目，运价也会慢慢降下来。<br>&nbsp;</p>
<table><tr><td>船</td><td>数</td></tr></table><script>var a = "<p>";</script></td></tr></table><a href="?page=2">下一页</a></div></body></html>"#;

const DATES: &str = "Mon, 23 Nov 2026 21:40:00 +0800 2026-11-20T10:00:00.5Z 2026年11月20日 星期五 上午10:00 昨天 12:30 3小时前 民國115年11月20日 Nov. 23rd, 2026 at 9:40 p.m. 20261120100000 1795140000 二〇二六年十一月二十日 半个小时前 23/11/2026 11-20 10:00";

/// What is put in where it does not belong.
pub(crate) const TOKENS: &[&str] = &[
    "<item>",
    "</item>",
    "<entry>",
    "<channel>",
    "</rss>",
    "<rss>",
    "<feed xmlns='http://www.w3.org/2005/Atom'>",
    "<url>",
    "<loc>",
    "]]>",
    "<![CDATA[",
    "&",
    "&#",
    "&#x10FFFF;",
    "&nbsp",
    "<!--",
    "-->",
    "\"",
    "'",
    "<",
    ">",
    "/>",
    "=",
    "<?",
    "?>",
    "<!DOCTYPE html>",
    "<html>",
    "<table>",
    "<td>",
    "</p>",
    "<p>",
    "<svg>",
    "<template>",
    "<select>",
    "<script>",
    "<style>",
    "<plaintext>",
    "<frameset>",
    "<a href=",
    "<h1>",
    "xmlns:x=\"",
    "xml:base='//['",
    "{",
    "}",
    "[",
    ",",
    "\\u",
    "\\",
    "\0",
    "\u{FEFF}",
    "\u{FFFD}",
    "\u{3000}",
    "年",
    "月",
    "日",
    "前",
    "半",
    "99999999999999999999",
    "-",
    ":",
    "+",
    "24:00",
    "00",
    "　",
];
