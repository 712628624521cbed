//! Pages that stand in for a list: tests for browsers, riddles for people, logins.

use scraper::Html;

use super::{page::elements, plain};
use crate::text::tame;

/// No more of a page is searched: what stands in for another says so early.
const BYTES_MAX: usize = 256 * 1024;
/// A page that shows more characters is no mere form, whatever stands on it besides.
const FORM_CHARS_MAX: usize = 800;

/// What only tests for browsers have in their markup, in lower case; a script that sites leave in every page is none of it.
const TESTS: &[&str] = &[
    "_cf_chl_opt",
    "cf-browser-verification",
    "cf-please-wait",
    "id=\"challenge-form\"",
    "/_incapsula_resource?swudnsai",
    "sucuri_cloudproxy_js",
    "acw_sc__v2",
    "ddos-guard/js-challenge",
    "geo.captcha-delivery.com",
];
/// What they say.
const TEST_WORDS: &[&str] = &[
    "just a moment",
    "checking your browser",
    "checking if the site connection is secure",
    "enable javascript and cookies to continue",
    "attention required! | cloudflare",
    "正在检查您的浏览器",
    "正在檢查您的瀏覽器",
];
/// What riddles have in their markup.
const RIDDLES: &[&str] =
    &["g-recaptcha", "h-captcha", "cf-turnstile", "geetest", "px-captcha", "tcaptcha", "nc_wrapper"];
/// What they say.
const RIDDLE_WORDS: &[&str] = &[
    "captcha",
    "verify you are human",
    "verify that you are human",
    "are you a robot",
    "not a robot",
    "unusual traffic",
    "安全验证",
    "安全驗證",
    "人机验证",
    "人機驗證",
    "滑动验证",
    "滑動驗證",
    "请输入验证码",
    "請輸入驗證碼",
    "访问过于频繁",
    "訪問過於頻繁",
];
/// What titles of logins say.
const LOGIN_TITLES: &[&str] = &["log in", "login", "sign in", "登录", "登錄", "登入"];
/// What pages say that are shown to members only.
const LOGIN_WORDS: &[&str] = &[
    "需要先登录",
    "需要先登錄",
    "需要先登入",
    "请先登录",
    "請先登錄",
    "請先登入",
    "you must be logged in",
    "you need to log in",
    "please log in to continue",
];

/// What the page `text`, which lists nothing, shows instead, in words that go on "the site shows"; `None`: nothing of the kind.
#[must_use]
pub fn challenge(text: &str) -> Option<&'static str> {
    let text = &text[..text.floor_char_boundary(BYTES_MAX)];
    let html = Html::parse_document(&tame(text));
    let title = elements(&html, "title").map(plain::of_element).next().unwrap_or_default().to_lowercase();
    let body = elements(&html, "body").map(plain::of_element).next().unwrap_or_default().to_lowercase();
    let markup = text.to_lowercase();
    let is_short = body.chars().count() <= FORM_CHARS_MAX;
    let says = |words: &[&str]| words.iter().any(|w| title.contains(w) || (is_short && body.contains(w)));
    let has = |marks: &[&str]| marks.iter().any(|m| markup.contains(m));
    if has(TESTS) || says(TEST_WORDS) {
        return Some("a test for browsers");
    }
    if is_short && (has(RIDDLES) || says(RIDDLE_WORDS)) {
        return Some("a riddle that tells people from programs (captcha)");
    }
    let asks_password =
        elements(&html, "input").any(|i| i.attr("type").is_some_and(|t| t.eq_ignore_ascii_case("password")));
    let is_login = LOGIN_TITLES.iter().any(|w| title.contains(w)) && asks_password;
    (is_login || (is_short && (asks_password || says(LOGIN_WORDS)))).then_some("a login")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_for_a_list_is_told_by_its_kind() {
        let test = "a test for browsers";
        assert_eq!(challenge("<html><head><title>Just a moment...</title></head><body></body></html>"), Some(test));
        assert_eq!(challenge("<html><script>window._cf_chl_opt={}</script><body><p>x</body></html>"), Some(test));
        let riddle = challenge("<title>安全验证</title><body><div id=box>拖动滑块</div></body>").unwrap();
        assert!(riddle.contains("captcha"), "{riddle}");
        assert_eq!(challenge("<body><div class=\"g-recaptcha\"></div><p>One more step</p></body>"), Some(riddle));
        assert_eq!(
            challenge("<title>会员登录</title><form><input name=u><input type=PASSWORD></form>"),
            Some("a login")
        );
        assert_eq!(challenge("<body><p>您需要先登录才能继续本操作</p></body>"), Some("a login"));
    }

    #[test]
    fn a_page_that_merely_has_such_a_thing_is_none() {
        assert_eq!(challenge("<title>港口新闻</title><body><p>今天没有新闻。</p></body>"), None);
        let long = "本站收录港口、航运与贸易的消息，每天更新，欢迎来稿。".repeat(40);
        let page = format!(
            "<title>港口新闻</title><body><form><input type=password></form><div class=g-recaptcha></div><p>{long}请先登录</p>
             <script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script></body>"
        );
        assert_eq!(challenge(&page), None);
        assert_eq!(challenge(""), None);
    }
}
