//! Which lines are information lines.

use super::{counter_in, is_imprint};

#[test]
fn information_lines_are_told() {
    for line in [
        "2026-11-24 10:00 来源：新华社 阅读：1203",
        "2026-11-24 10:00 来源：海港社 浏览 1.2万",
        "2026年11月24日 10:00 來源：海港報 閱讀（1,203）",
        "2026/11/24 來源:海港報 | 作者:甲乙 | 點擊:88 | 評論( 12 )",
        "来源：海港社阅读：1203评论：5",
        "来源：海港社2026-11-24 10:00:31阅读(12)",
        "2026-11-24 10:00 海港网 1203次阅读 12条评论",
        "海港网 2026-11-24 10:00 1203 人参与",
        "发布时间：2026-11-24　来源：海港社　编辑：甲乙　浏览次数：1203 次 【字号：大 中 小】 打印 关闭",
        "时间：2026-11-24 10:00 人气：12 点赞 3 收藏 4 分享 5",
        "作者：甲乙 责编：丙丁 2026年11月24日",
        "（記者 甲乙 2026年11月24日 10時30分）",
        "记者 甲乙 昨天 10:00 已有12人参与",
        "已有 1,203 人阅读",
        "阅读量：3.4万",
        "瀏覽數 1203 · 回覆 12 · 點讚 3",
        "甲乙 发表于 2026-11-24 查看: 71 评论: 3",
        "3小时前 来源：海港社 评论",
        "2026-11-24 10:00 来源：海港社 阅读：",
        "By Ann Lee | Nov. 24, 2026 | 1,203 views",
        "Ann Lee, 24 November 2026 10:00 AM · 3.4k shares · 5 min read",
        "Posted by Ann Lee on November 24th, 2026 at 10:00 am GMT Comments (12)",
        "Source: The Example Times Views: 1,203",
        "Published 2026-11-24T10:00:00Z Source: Harbor Wire Reads 1203",
        "2 hours ago Author: Ann Lee Likes: 3 Comments: 0",
        "Viewed 1,203 times",
        "By ANN LEE and BOB RAY, Staff Writers | Nov 24, 2026 | 12 Comments",
        "24 Nov 2026 - 10:00 by admin (12 reads)",
        "Ann Lee 2026-11-24 Views1203",
        "12 comments",
    ] {
        assert!(is_imprint(line), "{line}");
    }
}

#[test]
fn sentences_and_headings_stay() {
    for line in [
        "记者查看了三处工地",
        "记者查看了3处工地，发现12人没有戴安全帽",
        "記者查看了12處工地",
        "昨日共有1203人参与了清淤工作。",
        "评论12年来港口的变化",
        "該片上映三天，瀏覽次數已經超過1.2萬次。",
        "2026年11月24日，港务局公布新章程",
        "2026年11月24日上午10:00，阅读推广活动在图书馆举行",
        "海港社北京11月24日电 港务局公布新章程",
        "点赞1203次的背后",
        "推荐 3",
        "时间：2026年11月24日 10:00",
        "參與者分享了3個故事",
        "收藏2000件瓷器的老人",
        "分享会将于11月24日举行",
        "來源不明的12箱貨物被扣",
        "作者甲乙花了12年写成这本书",
        "阅读2026年的港口",
        "Views on the 12 new rules differ",
        "Comments by 12 owners were read to the board",
        "By 2026 the port will have 12 berths",
        "The video has 1,203 views and 12 comments.",
        "By Monday the clip had risen to 1,203 views",
        "By Monday evening all 12 comments",
        "Shares rose 12 percent on Monday",
        "Shares fell 3.4% on Nov. 24, 2026",
        "12 people read the rules aloud",
        "Nov. 24, 2026 was a quiet day",
        "Likes 5 things about the harbour, she says",
        "Source of the 12 leaks is unknown",
    ] {
        assert!(!is_imprint(line), "{line}");
    }
}

#[test]
fn counters_are_found_behind_values() {
    for (text, value) in [
        ("海港社阅读：12", "海港社"),
        ("海港社 12人阅读", "海港社 "),
        ("Harbor Wire 1,203 views", "Harbor Wire "),
        ("海港社 甲", "海港社 甲"),
    ] {
        assert_eq!(&text[..counter_in(text).unwrap_or(text.len())], value, "{text}");
    }
}
