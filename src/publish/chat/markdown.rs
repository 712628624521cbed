//! Plain text for the Markdown of services that document no way to escape.

use url::Url;

/// `text` with every character that would begin markup in its full-width form, which reads the same and marks nothing up.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '*' => '＊',
            '_' => '＿',
            '`' => '｀',
            '~' => '～',
            '[' => '［',
            ']' => '］',
            '(' => '（',
            ')' => '）',
            '<' => '＜',
            '>' => '＞',
            '#' => '＃',
            '|' => '｜',
            '\\' => '＼',
            '!' => '！',
            c => c,
        })
        .collect()
}

/// `url` as it may stand in the brackets of a link.
pub(super) fn address(url: &Url) -> String {
    url.as_str().replace('(', "%28").replace(')', "%29")
}

/// `title` as a link, if there is one; already without markup.
pub(super) fn linked(title: &str, link: Option<&Url>) -> String {
    let title = plain(title);
    link.map_or_else(|| title.clone(), |url| format!("[{title}]({})", address(url)))
}
