//! Pages made to hang or overflow: each ends, and with no more than it began with.

use super::{by_body, read, read_with};

/// Stack of the thread that reads, in bytes: what a runtime gives its workers.
const STACK_BYTES: usize = 2 * 1024 * 1024;
const MIB: usize = 1024 * 1024;

/// Reads `html` with and without a recipe on a small stack; what comes out is bounded by what went in.
fn ends(html: String) {
    let reader = std::thread::Builder::new().stack_size(STACK_BYTES);
    let both = move || {
        for draft in [read(&html), read_with(&html, by_body("body"), None)].into_iter().flatten() {
            assert!(draft.text.len() <= html.len() + 1024, "{} of {}", draft.text.len(), html.len());
            assert!(draft.html.len() <= html.len() * 8 + 4096, "{} of {}", draft.html.len(), html.len());
            assert!(draft.title.len() <= 1200 && draft.tags.len() <= 32);
        }
    };
    reader.spawn(both).unwrap().join().unwrap();
}

#[test]
fn depth_ends() {
    ends(format!("<title>ttt</title>{}", "<div>".repeat(50_000)));
    ends(format!("<title>ttt</title>{}<p>x", "<b>".repeat(20_000)));
    ends(format!("<title>ttt</title>{}", "<table><tr><td>x".repeat(3_000)));
    ends(format!("<title>ttt</title>{}", "<blockquote>x<ul><li>".repeat(20_000)));
    ends(format!("<title>ttt</title>{}", "<div class=related><p>".repeat(20_000)));
}

#[test]
fn fifteen_mebibytes_of_nested_elements_end() {
    ends(format!("<title>ttt</title>{}", "<div>".repeat(15 * MIB / 5)));
}

#[test]
fn breadth_ends() {
    ends(format!("<title>ttt</title>{}", "<p>x".repeat(60_000)));
    ends(format!("<title>ttt</title>{}", "<a href=x>words of a link</a><br>".repeat(10_000)));
    ends(format!("<title>ttt</title><p>A sentence of the article.</p>{}", "<a href=/x>a</a>".repeat(300_000)));
    ends(format!("<title>ttt</title>{}", "<p class=share>Share this and that with all of us.</p>".repeat(20_000)));
    ends(format!("<title>ttt</title>{}", "<img alt='A picture of ships in the harbour' src=a.jpg>".repeat(30_000)));
}

#[test]
fn long_pieces_end() {
    ends(format!("<title>ttt</title><p title='{}'>x", "y".repeat(5_000_000)));
    ends(format!("<title>ttt</title><div class='{}'>x", "related ".repeat(600_000)));
    ends(format!("<title>ttt</title>{}", "作者：".repeat(50_000)));
    ends(format!("<title>ttt</title><p>{}", "word ".repeat(1_000_000)));
    ends(format!("<title>{}</title>", "a - ".repeat(100_000)));
    ends(format!("<title>ttt</title><h1>{}</h1><p class=info>{}</p>", "評論(".repeat(50_000), "評論(".repeat(50_000)));
}

#[test]
fn long_declarations_end() {
    let data = |body: &str| format!("<title>ttt</title><script type=application/ld+json>{body}</script><p>x");
    ends(data(&format!(r#"{{"@type":"NewsArticle","articleBody":"{}"}}"#, "Ships may dock. ".repeat(100_000))));
    ends(data(&format!(r#"{{"@type":"NewsArticle","articleBody":"{}"}}"#, "<div>".repeat(100_000))));
    ends(data(&format!(r#"{{"@type":"NewsArticle","keywords":"{}"}}"#, "a, b, ".repeat(100_000))));
    ends(data(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))));
    ends(format!("<title>ttt</title>{}<p>x", "<meta property=article:tag content=tag>".repeat(50_000)));
}

/// Pieces of an article page, whole and broken.
const PIECES: &[&str] = &[
    "<article>",
    "</article>",
    "<h1>章程公布</h1>",
    "<p>港務局今天公布新的靠泊章程，規定船隻必須提前申報。</p>",
    "<figure>",
    "<figcaption>圖</figcaption>",
    "</figure>",
    "<div class=related-links>",
    "<ul><li><a href=/1>另一條新聞的標題在這裡</a></li></ul>",
    "</div>",
    "<aside>",
    "</aside>",
    "<table><tr><td>1</td>",
    "</table>",
    "<div class='share share-bar'>",
    "<img alt='港口的船隻排隊等候進港的照片' data-src=a.jpg>",
    "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"articleBody\":\"港務局\"}</script>",
    "相關閱讀",
    "<br>",
    "&#x0;",
    "\u{feff}",
    "<div hidden>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "</p>",
    "<p",
    " class=caption>",
    "'",
    "\"",
    "<b>",
    "</a>",
    "Read more: ",
    "© 2026",
];

proptest::proptest! {
    #[test]
    fn any_piece_of_a_page_is_an_answer(parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..160)) {
        let html = parts.concat();
        if let Ok(draft) = read(&html) {
            proptest::prop_assert!(draft.text.lines().all(|l| !l.trim().is_empty()));
            proptest::prop_assert!(!draft.html.contains("<script") && !draft.html.contains("<div"));
        }
    }
}
