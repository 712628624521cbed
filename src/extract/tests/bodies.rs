//! What of a page is its article and what is not, without a recipe.

use super::{PARAGRAPHS, by_body, read, read_with};

const ENGLISH: &str = "<p>The port authority published new berthing rules on Monday, which ask all ships longer than \
    three hundred metres to file two days early.</p><p>Owners welcomed the rules but asked for a longer transition, since \
    many small companies have no electronic filing system yet.</p><p>Environmental groups said that the rules should also \
    limit heavy fuel oil in the harbour, and will propose as much at the hearing next week.</p>";

fn page(before: &str, body: &str, after: &str) -> String {
    format!(
        "<title>Port rules change at last - The Example Times</title><article><h1>Port rules change at last</h1>{before}{body}{after}</article>"
    )
}

#[test]
fn what_readers_use_survives() {
    let rich = "<h2>What changes</h2><ul><li>Ships over three hundred metres file early.</li><li>Others file on arrival.</li></ul>\
        <blockquote><p>We have waited ten years for this, the harbour master said.</p></blockquote>\
        <table><tr><th>Length</th><th>Hours</th></tr><tr><td>300</td><td>48</td></tr></table>\
        <pre>berth = length * 2\n  + 10</pre><p>See <code>berth()</code> for the sum, which is part of the rules.</p>\
        <p><img src=/static/none.gif file=/i/a.jpg zoomfile=/i/big.jpg><img data-src=/i/b.jpg><img data-original=/i/c.jpg src=blank.gif></p>";
    let draft = read(&page("", &format!("{ENGLISH}{rich}{ENGLISH}"), "")).unwrap();
    for kept in [
        "<h2>What changes</h2>",
        "<li>Others file on arrival.</li>",
        "<blockquote><p>We have waited",
        "<th>Length</th>",
        "<td>48</td>",
        "<pre>berth = length * 2\n  + 10</pre>",
        "<code>berth()</code>",
        "https://port.example/i/big.jpg",
        "https://port.example/i/b.jpg",
        "https://port.example/i/c.jpg",
    ] {
        assert!(draft.html.contains(kept), "{kept} in {}", draft.html);
    }
    assert!(draft.text.contains("What changes\n") && draft.text.contains("Length Hours\n300 48"), "{}", draft.text);
}

#[test]
fn what_surrounds_an_article_does_not() {
    let before = "<p class=byline>By Ann Lee</p><p>Updated 5:27 am, Wednesday, 6 May 2026</p><div class=share-tools><p>Share this with your friends.</p></div>";
    let middle = "<div class=related-stories><h3>More from Ports</h3><ul><li><a href=/1>Crane falls in the east dock</a></li>\
        <li><a href=/2>Ferry fares rise again in spring</a></li></ul></div>\
        <figure><img src=/a.jpg alt='Ships wait outside the harbour on Monday'><figcaption>Ships wait outside the harbour. Example Pictures</figcaption></figure>\
        <p><a href=/3>Read more: Pilots vote on a strike</a></p><div class=newsletter-signup><p>Get the harbour news every morning, delivered to your inbox.</p></div>";
    let after = "<p>Related articles</p><p><a href=/4>Tug sinks at its moorings in the west dock</a></p><p><a href=/5>Lighthouse sold to the highest bidder</a></p>\
        <div class=disclaimer><p>The opinions above are not those of the paper, which takes no liability.</p></div>\
        <div id=comments><p>First comment of a reader, who has a lot to say about ships.</p></div>";
    let draft = read(&page(before, &format!("{ENGLISH}{middle}{ENGLISH}"), after)).unwrap();
    for junk in [
        "Ann Lee",
        "Updated",
        "friends",
        "More from",
        "Crane",
        "Ferry",
        "Pilots",
        "inbox",
        "Related",
        "Tug",
        "Lighthouse",
        "liability",
        "reader",
    ] {
        assert!(!draft.text.contains(junk) && !draft.html.contains(junk), "{junk} in {}", draft.html);
    }
    assert!(!draft.text.contains("wait outside") && draft.html.contains("<figcaption>Ships wait"), "{}", draft.html);
    assert_eq!(draft.text.lines().count(), 6, "{}", draft.text);
    assert_eq!(draft.author.as_deref(), Some("Ann Lee"));
}

#[test]
fn han_pages_lose_their_tails() {
    let tail = "<p>相关阅读</p><p><a href=/1>东区码头的起重机昨日倒塌</a></p><p>2026-05-05</p><p><a href=/2>渡轮票价春季再次上调</a></p>\
        <p>热点推荐</p><p><a href=/3>灯塔以最高价卖出</a></p><p>特别声明：以上内容为自媒体平台用户上传并发布，本平台仅提供信息存储服务。</p>";
    let draft =
        read(&format!("<title>章程公布了 - 海港网</title><div><h1>章程公布了</h1>{PARAGRAPHS}{tail}</div>")).unwrap();
    assert_eq!(draft.text.lines().count(), 3, "{}", draft.text);
    for junk in ["相关", "起重机", "渡轮", "灯塔", "声明"] {
        assert!(!draft.html.contains(junk), "{junk} in {}", draft.html);
    }
}

#[test]
fn news_of_what_boxes_speak_of_stays() {
    let news = "<p>She announced it on Twitter and Facebook, and the speech was delivered on Monday to the latest news crews.</p>\
        <p>The newsletter has a million readers, who pay for it every month.</p><p>The end of the line is near, he said.</p>\
        <p>Related cases rose by a third in May, the ministry said.</p>";
    let draft = read(&page("", &format!("{ENGLISH}{news}{ENGLISH}{news}"), "")).unwrap();
    assert_eq!(draft.text.lines().count(), 14, "{}", draft.text);
    let news = "<p>据微信公众号“海港发布”消息，港务局今日公布新章程。</p><p>警方提醒，扫描陌生二维码前应当核实对方身份。</p><p>该客户端的下载量上月超过一百万次。</p>";
    let draft = read(&format!(
        "<title>章程公布了 - 海港网</title><div><h1>章程公布了</h1>{PARAGRAPHS}{PARAGRAPHS}{news}{PARAGRAPHS}{PARAGRAPHS}</div>"
    ));
    assert_eq!(draft.unwrap().text.lines().count(), 15);
}

#[test]
fn names_are_not_believed_of_the_article_itself() {
    for name in ["share-content", "related", "promo", "newsletter", "gallery", "post-caption"] {
        let each: String = ENGLISH.replace("<p>", &format!("<p class={name}>"));
        for html in [page("", &format!("<div class={name}>{ENGLISH}</div>"), ""), page("", &each, "")] {
            let draft = read(&html).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(draft.text.lines().count(), 3, "{name}: {}", draft.text);
        }
    }
}

#[test]
fn a_link_that_leads_elsewhere_is_the_articles_own() {
    let links = "<p>The makers sell them:</p><p><a href=https://shop.other/1>The first kind of lamp for forty</a></p>\
        <p><a href=https://shop.other/2>The second kind of lamp for fifty</a></p>";
    let draft = read(&page("", &format!("{ENGLISH}{links}{ENGLISH}"), "")).unwrap();
    assert!(draft.text.contains("first kind") && draft.text.contains("second kind"), "{}", draft.text);
}

#[test]
fn a_declared_text_stands_in_for_one_that_scripts_show() {
    let body = "港務局今天公布新的靠泊章程，規定所有超過三百公尺的船隻必須提前四十八小時申報。".repeat(4);
    let data = format!(
        r#"<script type="application/ld+json">{{"@type":"NewsArticle","articleBody":"{body}\n\n{body}二 &amp; <b>三</b>"}}</script>"#
    );
    let draft = read(&format!("<title>章程公布了</title>{data}<div id=app>載入中</div>")).unwrap();
    assert_eq!(draft.text, format!("{body}\n{body}二 & 三"));
    assert!(draft.html.starts_with("<p>港務局") && draft.html.matches("<p>").count() == 2, "{}", draft.html);
    let draft = read_with(&format!("<title>章程公布了</title>{data}<div id=b>{PARAGRAPHS}</div>"), by_body("#b"), None);
    assert_eq!(draft.unwrap().text.lines().count(), 3, "a recipe is believed");
}

#[test]
fn lists_are_no_articles() {
    let summary = "港務局公布新的靠泊章程，規定大型船隻必須提前申報，章程下個月生效。";
    for item in [
        format!("<div class=item><h3><a href=/n/1>港務局公布新的靠泊章程全文</a></h3><p>{summary}</p></div>"),
        format!(
            "<div class=item><p><a href=/n/1>港務局公布新的靠泊章程全文</a></p><p>2026-05-05</p><p>甲</p><p>{summary}</p></div>"
        ),
        format!("<div class=teaser><p><a href=/n/1>港務局公布新的靠泊章程全文</a></p><p>{summary}</p></div>"),
        "<li><a href=/n/1>港務局公布新的靠泊章程全文</a><span>05-05</span></li>".to_owned(),
    ] {
        let reason = read(&format!("<title>要聞</title><h1>要聞</h1><div>{}</div>", item.repeat(12)));
        assert!(reason.is_err(), "{item}: {reason:?}");
    }
}

#[test]
fn error_pages_and_stubs_are_no_articles() {
    for (html, why) in [
        ("<title>页面不存在</title><div><p>抱歉，您访问的页面不存在或已被删除，请返回首页。</p></div>".to_owned(), "message"),
        ("<title>Page not found</title><div><p>Page not found. The page you asked for has moved or never was.</p></div>".to_owned(), "message"),
        ("<title>Just a moment...</title><div><p>Checking your browser before you go on to the site.</p></div>".to_owned(), "message"),
        ("<title>Rules change</title><div><p>The port changes its rules. Subscribe to continue reading this article and all others, for one a week.</p></div>".to_owned(), "stub"),
        ("<title>章程公布了</title><div><p>港務局今天公布章程。登录后阅读剩余内容，成为会员即可阅读全文。</p></div>".to_owned(), "stub"),
        (format!("<title>要聞</title><div>{}</div>", "<p><a href=/n/1>港務局公布新的靠泊章程</a></p><p>短短的摘要。</p>".repeat(12)), ""),
    ] {
        let reason = read(&html).unwrap_err();
        assert!(reason.contains(why), "{reason}: {html}");
    }
}
