//! A page of which only the counters changed is the same article: the same text, the same HTML, the same digest.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use tidings::extract::{Page, article};
use tidings::fingerprint::digest;
use tidings::model::{Draft, Source};

/// The draft of a page with the information line `info`.
fn visit(info: &str) -> Draft {
    let text = "<p>渡轮今天停航，旅客改乘早班火车，车站为此多开了四个窗口，并且延长了营业时间。</p>\
        <p>航运公司说，停航是因为例行检修，预计下周恢复，已经买票的旅客可以全额退票。</p>\
        <p>港务局提醒，旅客出门以前应当先看公告，不要到码头等候，公告每天早上更新。</p>";
    let url = "https://port.example/n/1.html".parse().unwrap();
    let page = format!(
        "<title>渡轮停航</title><div class=content><h1>渡轮停航</h1><div class=info>{info}</div><div class=txt>{text}</div></div>"
    );
    let source = Source::at("port", "https://port.example/".parse().unwrap());
    article(Page { url: &url, text: &page }, None, &source, "2026-11-25T00:00:00Z".parse().unwrap()).unwrap()
}

#[test]
fn a_second_look_finds_no_edit() {
    let plain = visit("");
    for counter in [
        "阅读：#",
        "閱讀 #",
        "浏览(#)",
        "瀏覽數：#",
        "点击：#次",
        "點擊 # 次",
        "查看: #",
        "评论：#",
        "評論( # )",
        "#条评论",
        "点赞 #",
        "分享：#",
        "收藏 #",
        "#人参与",
        "人气：#",
        "Views: #",
        "# views",
        "Reads #",
        "Comments (#)",
        "# shares",
        "Likes: #",
    ] {
        for line in ["2026-11-24 10:00 来源：海港社 #", "来源：海港社 2026年11月24日 #", "作者：甲乙 #"]
        {
            let looks = ["7", "1203", "3,456", "1.2万"].map(|n| visit(&line.replace('#', counter).replace('#', n)));
            for look in looks {
                assert_eq!(look.text, plain.text, "{line} with {counter}");
                assert_eq!(look.html, plain.html, "{line} with {counter}");
                assert_eq!(digest(&look.title, &look.text), digest(&plain.title, &plain.text));
                let told = (look.origin.as_deref(), look.author.as_deref());
                assert!(
                    matches!(told, (Some("海港社"), None) | (None, Some("甲乙"))),
                    "{told:?} of {line} with {counter}"
                );
            }
        }
    }
}
