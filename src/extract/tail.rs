//! What stands around an article's text inside its element: share bars, editors' tags, links to more.

use super::imprint::is_imprint;
use super::labels::{self, Fields};

/// Lines at the end of a body that may be boilerplate.
const LINES_MAX: usize = 60;
/// Lines at each end of what is left that may be information lines.
const IMPRINTS_MAX: usize = 3;
/// Longest line that may be boilerplate, in characters.
const CHARS_MAX: usize = 160;
/// Longest tag in brackets at the end of a line, in characters.
const TAG_CHARS_MAX: usize = 60;

/// Openings of lines that end or follow an article.
const OPENINGS: &[&str] = &[
    "责任编辑",
    "責任編輯",
    "责编",
    "責編",
    "编辑：",
    "编辑:",
    "編輯：",
    "編輯:",
    "校对：",
    "校對：",
    "审核：",
    "審核：",
    "监制：",
    "監製：",
    "值班编辑",
    "相关阅读",
    "相關閱讀",
    "相关新闻",
    "相關新聞",
    "相关报道",
    "相關報導",
    "相关文章",
    "相關文章",
    "延伸阅读",
    "延伸閱讀",
    "推荐阅读",
    "推薦閱讀",
    "热门文章",
    "熱門文章",
    "更多新闻",
    "更多新聞",
    "上一篇",
    "下一篇",
    "上一页",
    "下一页",
    "分享到",
    "分享至",
    "分享本文",
    "转发到",
    "返回顶部",
    "返回頂部",
    "返回首页",
    "返回首頁",
    "打印本文",
    "打印 关闭",
    "【打印",
    "收藏本文",
    "扫一扫",
    "掃一掃",
    "扫码",
    "扫描二维码",
    "长按二维码",
    "关注我们",
    "關注我們",
    "点击进入",
    "點擊進入",
    "点击查看更多",
    "发表评论",
    "發表評論",
    "我要评论",
    "网友评论",
    "網友評論",
    "最新评论",
    "最新評論",
    "文章标签",
    "关键词：",
    "关键字：",
    "關鍵字：",
    "标签：",
    "標籤：",
    "本文标签",
    "tags:",
    "免责声明",
    "免責聲明",
    "版权声明",
    "版權聲明",
    "特别声明",
    "特別聲明",
    "声明：",
    "聲明：",
    "举报/反馈",
    "原文链接",
    "原文連結",
    "阅读原文",
    "閱讀原文",
    "查看原文",
    "share this",
    "share on",
    "related articles",
    "related stories",
    "read more:",
    "read next",
    "more from",
    "follow us",
    "sign up for",
    "subscribe to our",
    "advertisement",
];
/// Whole lines that are the labels of buttons.
const BUTTONS: &[&str] = &[
    "分享",
    "收藏",
    "打印",
    "列印",
    "推荐",
    "推薦",
    "点赞",
    "點讚",
    "顶",
    "踩",
    "赞",
    "評論",
    "评论",
    "关闭",
    "關閉",
    "举报",
    "微信",
    "微博",
    "qq空间",
    "朋友圈",
    "share",
    "tweet",
    "print",
    "email",
    "facebook",
    "twitter",
    "whatsapp",
    "more",
    "更多",
    "字号",
    "大",
    "中",
    "小",
    "a+",
    "a-",
    "邀请",
    "鲜花",
    "握手",
    "雷人",
    "路过",
    "鸡蛋",
    "相关阅读",
    "copy link",
    "save",
    "comments",
    "x",
];

/// What was cut from a body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cut {
    /// Fields that the cut lines labelled.
    pub(super) fields: Fields,
    /// The cut lines.
    pub(super) lines: Vec<String>,
    /// What was cut from the end of the last line that stays.
    pub(super) tags: String,
}

/// Cuts boilerplate from both ends of `lines`; `linked` are the lines that are nothing but one link.
pub(super) fn trim(lines: &mut Vec<String>, linked: &[String]) -> Cut {
    let mut cut = Cut::default();
    while lines.len() > 1 && cut.lines.len() < LINES_MAX && is_head(&lines[0]) {
        let line = lines.remove(0);
        cut.fields = std::mem::take(&mut cut.fields).or(labels::read(&line));
        cut.lines.push(line);
    }
    let mut kept = lines.len();
    let lowest = kept.saturating_sub(LINES_MAX);
    // Links below a heading like "related" go with it; a closing link alone may be the article's.
    let mut links = 0;
    for at in (lowest.max(1)..lines.len()).rev() {
        if is_tail(&lines[at]) {
            (kept, links) = (at, 0);
        } else if linked.contains(&lines[at]) {
            links += 1;
            if links >= 3 {
                kept = at;
            }
        } else {
            break;
        }
    }
    for line in lines.drain(kept..) {
        if labels::is_only_fields(&line) || is_imprint(&line) {
            cut.fields = std::mem::take(&mut cut.fields).or(labels::read(&line));
        }
        cut.lines.push(line);
    }
    cut_imprints(lines, &mut cut);
    if let Some(last) = lines.last_mut() {
        let whole = last.clone();
        cut.fields = std::mem::take(&mut cut.fields).or(cut_tags(last));
        cut.tags = whole[last.len()..].trim().to_owned();
    }
    lines.retain(|l| !l.is_empty());
    cut
}

/// Cuts the information lines near both ends of `lines`, which may stand behind a headline or before a note.
fn cut_imprints(lines: &mut Vec<String>, cut: &mut Cut) {
    let len = lines.len();
    let near = (0..len).filter(|at| *at < IMPRINTS_MAX || at + IMPRINTS_MAX >= len);
    let found: Vec<usize> = near.filter(|at| is_imprint(&lines[*at])).collect();
    if found.len() == len {
        return;
    }
    for at in found.into_iter().rev() {
        let line = lines.remove(at);
        cut.fields = std::mem::take(&mut cut.fields).or(labels::read(&line));
        cut.lines.push(line);
    }
}

/// Whether `line` leads an article but is none of it.
fn is_head(line: &str) -> bool {
    is_button(line)
        || is_date_line(line)
        || is_byline(line)
        || is_imprint(line)
        || (labels::is_only_fields(line) && line.contains([':', '：', '|', '/', '／']))
}

fn is_tail(line: &str) -> bool {
    if line.chars().count() > CHARS_MAX {
        return false;
    }
    let bare =
        line.trim_matches(|c: char| c.is_whitespace() || "（）()[]【】「」*·•-—_=|>》".contains(c)).to_lowercase();
    let more =
        (bare.starts_with("更多") || bare.starts_with("more")) && line.trim_end().ends_with(['>', '»', '》', '›', '…']);
    bare.is_empty()
        || more
        || is_button(&bare)
        || is_imprint(line)
        || OPENINGS.iter().any(|o| bare.starts_with(o))
        || (labels::is_only_fields(line) && labels::read(line) != Fields::default())
}

fn is_button(line: &str) -> bool {
    let lower = line.to_lowercase();
    let mut words = lower.split(|c: char| c.is_whitespace() || c == '|' || c == '/').filter(|w| !w.is_empty());
    words.all(|w| BUTTONS.contains(&w.trim_matches(['[', ']', '(', ')', '【', '】', ':', '：'])))
}

/// Whether `line` says when it was published or who wrote it, and no more.
fn is_byline(line: &str) -> bool {
    let lower = line.to_lowercase();
    let opens = |openings: &[&str]| openings.iter().any(|o| lower.starts_with(o));
    let digits = line.chars().filter(char::is_ascii_digit).count();
    let dated = opens(&[
        "published",
        "updated",
        "posted",
        "last updated",
        "发布时间",
        "發布時間",
        "发表于",
        "發表於",
        "更新时间",
        "更新時間",
    ]);
    let written = opens(&["by "]) && line.split_whitespace().take(3).all(|w| w.starts_with(|c: char| c.is_uppercase()));
    let short = line.chars().count() <= TAG_CHARS_MAX + TAG_CHARS_MAX / 2;
    short && !line.ends_with(['.', '。', '!', '?', ',']) && ((dated && digits >= 4) || written)
}

/// Whether `line` is nothing but a date and a time.
fn is_date_line(line: &str) -> bool {
    let digits = line.chars().filter(char::is_ascii_digit).count();
    digits >= 6 && line.chars().all(|c| c.is_ascii_digit() || " -/:.年月日时時分秒,，".contains(c))
}

/// Cuts tags in brackets from the end of a paragraph: `（责任编辑：甲）`, `（来源：乙报）`.
fn cut_tags(line: &mut String) -> Fields {
    let mut fields = Fields::default();
    for _ in 0..3 {
        let trimmed = line.trim_end();
        let Some(inner) = trimmed.strip_suffix([')', '）', ']', '】']) else { break };
        let Some(at) = inner.rfind(['(', '（', '[', '【']) else { break };
        let tag = inner[at..].trim_start_matches(['(', '（', '[', '【']);
        let edits = ["责任编辑", "責任編輯", "责编", "責編", "编辑", "編輯", "校对", "校對", "完", "全文完"];
        let is_edit = edits
            .iter()
            .any(|e| tag.strip_prefix(e).is_some_and(|rest| rest.trim_start().starts_with([':', '：', '/'])));
        if tag.chars().count() > TAG_CHARS_MAX || !(is_edit || labels::is_only_fields(tag)) {
            break;
        }
        fields = fields.or(labels::read(tag));
        let kept = trimmed[..at].trim_end().len();
        line.truncate(kept);
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trimmed(lines: &[&str], linked: &[&str]) -> (Vec<String>, Fields) {
        let mut lines: Vec<String> = lines.iter().map(|s| (*s).to_owned()).collect();
        let linked: Vec<String> = linked.iter().map(|s| (*s).to_owned()).collect();
        let cut = trim(&mut lines, &linked);
        (lines, cut.fields)
    }

    #[test]
    fn boilerplate_at_the_end_goes_and_tells_the_origin() {
        let (lines, fields) = trimmed(
            &[
                "港口今日開放。",
                "船東表示歡迎。（责任编辑：甲）",
                "来源：乙報 作者：丙",
                "分享到：微博 微信",
                "更多航運要聞 文章 >>",
            ],
            &["更多航運要聞 文章 >>"],
        );
        assert_eq!(lines, ["港口今日開放。", "船東表示歡迎。"]);
        assert_eq!((fields.origin.as_deref(), fields.author.as_deref()), (Some("乙報"), Some("丙")));
    }

    #[test]
    fn boilerplate_at_the_start_goes() {
        let (lines, fields) = trimmed(&["2026-01-02 03:04", "來源：丁報 | 分享", "正文從這裡開始。"], &[]);
        assert_eq!(lines, ["正文從這裡開始。"]);
        assert_eq!(fields.origin.as_deref(), Some("丁報"));
    }

    #[test]
    fn bylines_at_the_start_go_and_sentences_stay() {
        let (lines, fields) =
            trimmed(&["Updated 5:27 am, Wednesday, 6 May 2026", "By Ann Lee - 05/06/26", "Ships may dock."], &[]);
        assert_eq!(lines, ["Ships may dock."]);
        assert_eq!(fields.author.as_deref(), Some("Ann Lee"));
        let kept = ["By the end of 2026 all ships must file early.", "Published rules say so."];
        assert_eq!(trimmed(&kept, &[]).0, kept);
    }

    #[test]
    fn related_links_go_and_a_closing_link_stays() {
        let (lines, _) = trimmed(&["正文。", "相关阅读", "甲事", "乙事"], &["甲事", "乙事"]);
        assert_eq!(lines, ["正文。"]);
        let (lines, _) = trimmed(&["正文。", "原文見官網"], &["原文見官網"]);
        assert_eq!(lines, ["正文。", "原文見官網"]);
    }

    #[test]
    fn sentences_stay() {
        let kept = ["更多人選擇搭船。", "來源不明的貨物被扣（上月也有）", "機器賣給了大學。（全文完）"];
        assert_eq!(trimmed(&kept, &[]).0, kept);
        assert_eq!(trimmed(&["分享到：微博"], &[]).0, ["分享到：微博"], "the only line of a body is left to judge");
    }
}
