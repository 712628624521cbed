//! Whether a page is an article at all.

use crate::text::is_han;

use super::dom::text_of;
use super::index::{Index, MESSAGE};
use super::meta::Meta;

/// Least weight of a body that no recipe found; a Han character weighs two, others one.
const WEIGHT_MIN: usize = 120;
/// Least weight when the recipe names a body that the page lacks: then the page is most likely another kind.
const WEIGHT_MIN_OFF_RECIPE: usize = 200;
/// A body of more characters is no stub, whatever it says of subscriptions.
const STUB_CHARS_MAX: usize = 600;
/// A body of more characters is no message of the forum software.
const MESSAGE_CHARS_MAX: usize = 300;
/// Lines that are links from which a body may be a list.
const LINKED_LINES_MIN: usize = 3;

/// Openings of pages that stand in for an article.
const APOLOGIES: &[&str] = &[
    "抱歉",
    "对不起",
    "對不起",
    "您访问的页面",
    "您訪問的頁面",
    "页面不存在",
    "頁面不存在",
    "您无权",
    "您無權",
    "提示信息",
    "提示訊息",
    "404",
    "just a moment",
    "access denied",
    "page not found",
    "checking your browser",
    "verify you are human",
    "请完成安全验证",
    "attention required",
];
/// Phrases of a stub that asks for money or a login.
const WALLS: &[&str] = &[
    "登录后",
    "登錄後",
    "登入後",
    "请登录",
    "請登入",
    "請登錄",
    "付费阅读",
    "付費閱讀",
    "订阅后",
    "訂閱後",
    "成为会员",
    "成為會員",
    "会员专享",
    "會員專享",
    "剩余内容",
    "剩餘內容",
    "subscribe to continue",
    "subscribe to read",
    "already a subscriber",
    "sign in to continue",
    "log in to continue",
    "subscribers only",
    "create a free account to",
    "to continue reading",
];

/// What the judgement is made on.
pub(super) struct Case<'a> {
    /// What the page declares.
    pub(super) meta: &'a Meta,
    /// The headline, if any.
    pub(super) title: &'a str,
    /// The body's lines.
    pub(super) lines: &'a [String],
    /// Those of them that are a link and little more.
    pub(super) linked: &'a [String],
    /// Whether the recipe's body selector matched.
    pub(super) by_recipe: bool,
    /// Whether the recipe has a body selector.
    pub(super) has_recipe: bool,
}

/// What the page says instead of being an article, if it is a message of the software.
pub(super) fn message(index: &Index<'_>) -> Option<String> {
    let text = text_of(index.called(MESSAGE).next()?);
    (!text.is_empty() && text.chars().count() <= MESSAGE_CHARS_MAX).then(|| format!("the page is a message: {text}"))
}

/// Why the page is no article, if it is none.
pub(super) fn against(case: &Case<'_>) -> Option<String> {
    let weight: usize = case.lines.iter().map(|l| weight(l)).sum();
    if weight == 0 {
        return Some("the article's body is empty".into());
    }
    let chars = case.lines.iter().map(|l| l.chars().count()).sum::<usize>() + case.lines.len() - 1;
    // No more than a stub is searched.
    let text = if chars <= STUB_CHARS_MAX { case.lines.join("\n").to_lowercase() } else { String::new() };
    let apologises = |s: &str| APOLOGIES.iter().any(|a| s.starts_with(a));
    if chars <= MESSAGE_CHARS_MAX && !case.by_recipe && (apologises(&text) || apologises(&case.title.to_lowercase())) {
        return Some(format!("the page is a message: {}", case.lines[0]));
    }
    let walled = WALLS.iter().any(|w| text.contains(w));
    if chars <= STUB_CHARS_MAX && walled && (case.meta.is_paid || !case.by_recipe || chars <= MESSAGE_CHARS_MAX) {
        return Some("only a stub is shown without subscription or login".into());
    }
    if case.by_recipe {
        return None;
    }
    let links = case.linked.len();
    if links >= LINKED_LINES_MIN && links * 4 >= case.lines.len() && !case.meta.is_article {
        return Some(format!("the page is a list: {links} of {} lines are links", case.lines.len()));
    }
    let weight_min = if case.has_recipe { WEIGHT_MIN_OFF_RECIPE } else { WEIGHT_MIN };
    if weight < weight_min {
        return Some(format!("no article text was found, only {chars} characters"));
    }
    None
}

fn weight(line: &str) -> usize {
    line.chars().filter(|c| c.is_alphanumeric()).map(|c| if is_han(c) { 2 } else { 1 }).sum()
}
