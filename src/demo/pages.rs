//! The outlets' pages, made the way a Discuz! portal makes them. Templates are in Simplified characters.

use std::fmt::Write;

use chrono::{DateTime, FixedOffset, Utc};

use super::{Article, Edition, Outlet, Published};

/// Characters of a summary.
const SUMMARY_CHARS: usize = 80;
/// Seconds that the site's clock is ahead of UTC.
const OFFSET_S: i32 = 8 * 3600;

/// A list page with its neighbours: navigation, most read, pager. What stands beside an article is about chips: who takes it for the
/// article finds the topic everywhere.
pub(super) fn list<'a>(
    outlet: &Outlet,
    shown: impl Iterator<Item = &'a Published>,
    page: usize,
    pages: usize,
    noise: u64,
) -> String {
    let mut items = String::new();
    for article in shown {
        let (title, link) = (escape(&article.title), relative(article));
        let _ = write!(
            items,
            "<dl class=\"bbda cl\">\n<dt class=\"xs2\"><a href=\"{link}\" target=\"_blank\" class=\"xi2\">{title}</a></dt>\n\
             <dd class=\"xs2 cl\">\n　　{}</dd>\n<dd><span class=\"xg1\"> {}</span></dd>\n</dl>\n",
            escape(&summary(article)),
            date(article.at),
        );
    }
    let mut pager = String::new();
    if page < pages {
        let next = format!("{}&amp;page={}", escape(outlet.list.as_str()), page + 1);
        let _ = write!(
            pager,
            "<div class=\"pgs cl\"><div class=\"pg\"><strong>{page}</strong><a href=\"{next}\">{}</a>\
             <a href=\"{next}\" class=\"nxt\">下一页</a></div></div>",
            page + 1
        );
    }
    let body = format!(
        "<div id=\"ct\" class=\"ct2 wp cl\"><div class=\"mn\"><div class=\"bm\">\n\
         <div class=\"bm_h cl\"><a href=\"portal.php?mod=rss\" class=\"y xi2 rss\">订阅</a><h1 class=\"xs2\">要闻</h1></div>\n\
         <div class=\"bm_c xld\">{items}</div>\n</div>{pager}</div>\n{}</div>",
        side()
    );
    frame(outlet, "要闻", &body, noise)
}

/// An article page, or one page of several.
pub(super) fn article(outlet: &Outlet, article: &Published, told: &Article, page: usize, noise: u64) -> String {
    let title = escape(&article.title);
    let pages = told.pages.max(1);
    let each = article.paragraphs.len().div_ceil(pages);
    let shown: Vec<&String> = article.paragraphs.iter().skip((page - 1) * each).take(each).collect();
    let mut facts = format!(
        "{}<span class=\"pipe\">|</span>发布者: <a href=\"home.php?mod=space&amp;uid=1\">admin</a><span class=\"pipe\">|</span>\
         查看: <em id=\"_viewnum\">{}</em><span class=\"pipe\">|</span>评论: <em id=\"_commentnum\">{}</em>",
        date(article.at),
        noise % 9000,
        noise % 7
    );
    if !article.author.is_empty() {
        let _ = write!(facts, "<span class=\"pipe\">|</span>原作者: {}", escape(&article.author));
    }
    if !article.origin.is_empty() {
        let _ = write!(facts, "<span class=\"pipe\">|</span>来自: {}", escape(&article.origin));
    }
    let mut pager = String::new();
    if pages > 1 && page < pages {
        let next = format!("{}&amp;page={}", relative(article), page + 1);
        let _ = write!(
            pager,
            "<div class=\"ptw pbw cl\"><div class=\"pg\"><strong>{page}</strong><a href=\"{next}\">{}</a>\
             <a href=\"{next}\" class=\"nxt\">下一页</a></div></div>",
            page + 1
        );
    }
    let body = format!(
        "<div id=\"ct\" class=\"ct2 wp cl\"><div class=\"mn\"><div class=\"bm vw\">\n\
         <div class=\"h hm\"><h1 class=\"ph\">{title} </h1>\n<p class=\"xg1\">\n{facts}</p></div>\n\
         <div class=\"s\"><div><strong>摘要</strong>: 　　{summary}</div></div>\n<div class=\"d\">\n\
         <table cellpadding=\"0\" cellspacing=\"0\" class=\"vwtb\"><tr><td id=\"article_content\">{text}{traps}</td></tr></table>\n\
         {pager}<div id=\"click_div\"><a href=\"home.php?mod=spacecp&amp;ac=click&amp;hash={noise:032x}\">鲜花</a> 握手 雷人</div>\n\
         </div></div>\n<div id=\"related_article\" class=\"bm\"><h3>相关阅读</h3><ul>\
         <li><a href=\"portal.php?mod=view&amp;aid=9001\">往年此时：芯片出口许可的第一年</a></li></ul></div>\n\
         <p class=\"more\"><a href=\"portal.php?mod=list&amp;catid=1\">更多要闻文章 &gt;&gt;</a></p></div>\n{side}</div>",
        summary = escape(&summary(article)),
        text = marked_up(&shown, &told.markup),
        traps = "<script>var ad = \"芯片 出口管制 甩卖\";</script><div style=\"display:none\">半导体 实体清单</div>",
        side = side()
    );
    frame(outlet, &title, &body, noise)
}

/// A page that says only one thing.
pub(super) fn message(outlet: &Outlet, text: &str, noise: u64) -> String {
    let body = format!(
        "<div id=\"ct\" class=\"wp cl w\"><div class=\"nfl\"><div class=\"f_c altw\"><div id=\"messagetext\" \
         class=\"alert_error\"><p>{text}</p></div></div></div></div>"
    );
    frame(outlet, "提示信息", &body, noise)
}

/// The feed: no identifiers, no origin, summaries only.
pub(super) fn rss(outlet: &Outlet, items: &[Published]) -> String {
    let charset = charset(outlet.edition);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"{charset}\"?>\n<rss version=\"2.0\"><channel><title>{}</title><link>{}</link>\
         <description>要闻</description><ttl>1</ttl>\n",
        escape(&outlet.name),
        escape(outlet.list.as_str())
    );
    for article in items {
        let _ = writeln!(
            xml,
            "<item><title>{}</title><link>{}</link><description><![CDATA[　　{}]]></description><pubDate>{}</pubDate></item>",
            escape(&article.title),
            escape(article.url.as_str()),
            summary(article).replace("]]>", ""),
            article.at.format("%a, %d %b %Y %H:%M:%S +0000")
        );
    }
    xml + "</channel></rss>\n"
}

/// What every page has around it.
fn frame(outlet: &Outlet, title: &str, body: &str, noise: u64) -> String {
    let (charset, name) = (charset(outlet.edition), escape(&outlet.name));
    let base = outlet.list.join("/").map(String::from).unwrap_or_default();
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"{charset}\" />\n<title>{title} - {name}</title>\n\
         <meta name=\"generator\" content=\"Discuz! X3.5\" />\n<base href=\"{base}\" />\n\
         <link rel=\"alternate\" type=\"application/rss+xml\" title=\"{name}\" href=\"portal.php?mod=rss\" />\n</head>\n\
         <body id=\"nv_portal\">\n<div id=\"hd\"><h2><a href=\"./\">{name}</a></h2>\n\
         <form method=\"post\" action=\"member.php?mod=logging\"><input type=\"hidden\" name=\"formhash\" value=\"{noise:08x}\" />\
         <button type=\"submit\">登录</button></form>\n<div id=\"nv\"><ul><li><a href=\"{base}portal.php?mod=list&amp;catid=1\">\
         要闻</a></li><li><a href=\"{base}portal.php?mod=list&amp;catid=2\">财经</a></li><li><a href=\"forum.php\">论坛</a></li>\
         </ul></div></div>\n<div id=\"wp\" class=\"wp\">{body}</div>\n\
         <div id=\"ft\">Processed in 0.0{noise} second(s), 9 queries.</div>\n</body>\n</html>\n"
    )
}

fn side() -> &'static str {
    "<div class=\"sd pph\"><div class=\"bm\"><h2>热门排行</h2><ul>\
     <li><a href=\"portal.php?mod=view&amp;aid=9002\">半导体实体清单读者问答</a></li>\
     <li><a href=\"portal.php?mod=view&amp;aid=9003\">光刻机与出口管制：一张图看懂</a></li></ul></div></div>"
}

/// Paragraphs as `markup` writes them.
fn marked_up(paragraphs: &[&String], markup: &str) -> String {
    let texts = paragraphs.iter().map(|p| escape(p));
    match markup {
        "br" => texts.map(|t| format!("　　{t}<br />\n<br />\n")).collect(),
        "div" => texts.map(|t| format!("<div>&nbsp; &nbsp; {t}</div>\n")).collect(),
        "indent" => texts.map(|t| format!("<p class=\"MsoNormal\"><font face=\"宋体\">　　{t}</font></p>\n")).collect(),
        _ => texts.map(|t| format!("<p>　　{t}</p>\n")).collect(),
    }
}

fn summary(article: &Published) -> String {
    let opening: String = article.paragraphs.join(" ").chars().take(SUMMARY_CHARS).collect();
    opening + " ..."
}

/// `2025-12-9 19:20`, by the site's clock.
fn date(at: DateTime<Utc>) -> String {
    let here = FixedOffset::east_opt(OFFSET_S).map_or_else(|| at.fixed_offset(), |o| at.with_timezone(&o));
    here.format("%Y-%-m-%-d %H:%M").to_string()
}

fn relative(article: &Published) -> String {
    format!("portal.php?{}", escape(article.url.query().unwrap_or_default()))
}

const fn charset(edition: Edition) -> &'static str {
    match edition {
        Edition::Utf8 => "utf-8",
        Edition::Gbk => "gbk",
        Edition::Big5 => "big5",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
