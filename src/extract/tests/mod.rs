use chrono::{DateTime, Utc};

use crate::model::{ArticleRecipe, Draft, Entry, Recipe, Source, SourceKind};

use super::{Page, article, check, from_entry, join};

mod bodies;
mod fields;
mod hostile;
mod imprints;

const PARAGRAPHS: &str =
    "<p>　　港務局今天公布新的靠泊章程，規定所有超過三百公尺的船隻必須提前四十八小時申報。章程將在下個月生效。</p>
    <p>船東協會表示歡迎，但是希望有更長的過渡期。協會秘書長說，許多小公司還沒有電子申報系統，需要時間採購。</p>
    <p>環保團體則認為，章程應該同時限制船隻在港內使用重油。他們計劃在下週的聽證會上提出修正案，並公布監測資料。</p>";

fn now() -> DateTime<Utc> {
    "2026-05-06T08:00:00Z".parse().unwrap()
}

fn source(article: ArticleRecipe) -> Source {
    Source {
        name: "Port Daily".into(),
        kind: SourceKind::Portal,
        time_zone: chrono_tz::Asia::Taipei,
        recipe: Recipe { article, ..Recipe::default() },
        ..Source::at("port", "https://port.example/list".parse().unwrap())
    }
}

fn entry() -> Entry {
    Entry::at("https://port.example/news/7.html".parse().unwrap())
}

fn read_with(html: &str, recipe: ArticleRecipe, entry: Option<&Entry>) -> Result<Draft, String> {
    let url = "https://port.example/news/7.html".parse().unwrap();
    article(Page { url: &url, text: html }, entry, &source(recipe), now())
}

fn read(html: &str) -> Result<Draft, String> {
    read_with(html, ArticleRecipe::default(), None)
}

fn by_body(css: &str) -> ArticleRecipe {
    ArticleRecipe { body: Some(css.into()), ..ArticleRecipe::default() }
}

#[test]
fn a_recipe_reads_what_it_names() {
    let html = format!(
        "<base href=/b/><h2 class=t>章程 公布</h2><p class=m>2026-05-05 10:00<i>|</i>發佈者: admin<i>|</i>原作者: 甲乙<i>|</i>來自: <a href=/x>海報</a></p>
        <div id=body>{PARAGRAPHS}<p class=ad>廣告</p><p><a href='p/1'>連結</a><img src=none.gif file='i/1.jpg' onload=x()></p></div>
        <a class=nxt href='?page=2'>次頁</a>"
    );
    let css = |s: &str| Some(s.to_owned());
    let recipe = ArticleRecipe {
        title: css("h2.t"),
        body: css("#body"),
        author: css(".m"),
        origin: css(".m"),
        drop: vec![".ad".into(), "body".into()],
        next: css("a.nxt"),
        date: css(".m"),
    };
    let draft = read_with(&html, recipe, None).unwrap();
    assert_eq!(draft.title, "章程 公布");
    assert_eq!((draft.author.as_deref(), draft.origin.as_deref()), (Some("甲乙"), Some("海報")));
    assert_eq!(draft.text.lines().count(), 4, "{}", draft.text);
    assert!(draft.text.starts_with("港務局今天") && !draft.text.contains("廣告"), "{}", draft.text);
    let link = r#"<p><a href="https://port.example/b/p/1" rel="noopener noreferrer">連結</a><img src="https://port.example/b/i/1.jpg" alt=""></p>"#;
    assert!(draft.html.contains(link), "{}", draft.html);
    assert_eq!(draft.image.unwrap().as_str(), "https://port.example/b/i/1.jpg");
    assert_eq!(draft.next.unwrap().as_str(), "https://port.example/b/?page=2");
    assert_eq!(draft.language.as_deref(), Some("zh-Hant"));
}

#[test]
fn without_a_recipe_the_text_is_found() {
    let html = format!(
        "<title>章程公布 - 海港網</title><nav><a href=/1>一</a><a href=/2>二</a></nav><article><h1>章程公布</h1>
        <div class=source>來源：海報 作者：甲</div>{PARAGRAPHS}<script>document.write('<p>出口管制</p>')</script>
        <div style='DISPLAY : none'>隱藏</div><p hidden>隱藏</p><noscript>隱藏</noscript><p>（責任編輯：乙）</p></article><footer>關於我們</footer>"
    );
    for recipe in [ArticleRecipe::default(), by_body("#absent")] {
        let draft = read_with(&html, recipe, None).unwrap();
        assert_eq!(
            (draft.title.as_str(), draft.origin.as_deref(), draft.author.as_deref()),
            ("章程公布", Some("海報"), Some("甲"))
        );
        assert!(draft.text.contains("環保團體"), "{}", draft.text);
        for junk in ["隱藏", "出口管制", "責任編輯", "關於我們"] {
            assert!(!draft.text.contains(junk) && !draft.html.contains(junk), "{junk} in {}", draft.html);
        }
    }
}

#[test]
fn a_declared_time_wins_over_the_entry_and_the_entry_over_text() {
    let page = |head: &str| format!("<title>章程公布了</title>{head}<div id=b>{PARAGRAPHS}</div>");
    let mut listed = entry();
    listed.published = Some("2026-05-01T00:00:00Z".parse().unwrap());
    let published =
        |head: &str| read_with(&page(head), by_body("#b"), Some(&listed)).unwrap().published.unwrap().to_rfc3339();
    let declared = "<meta property=article:published_time content=2026-05-02T03:04:05+08:00>";
    assert_eq!(published(declared), "2026-05-01T19:04:05+00:00");
    assert_eq!(published("<p class=date>2026-05-03 10:00</p>"), "2026-05-01T00:00:00+00:00");
    for absurd in ["2026-05-08T00:00:00Z", "1970-01-01T00:00:00Z"] {
        let head = format!("<meta property=article:published_time content={absurd}>");
        assert_eq!(published(&head), "2026-05-01T00:00:00+00:00", "{absurd}");
    }
    let data = r#"<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-05-02T00:00:00Z","dateModified":"2026-05-03T00:00:00Z"}</script>"#;
    let draft = read_with(&page(data), by_body("#b"), None).unwrap();
    assert_eq!(draft.modified.unwrap().to_rfc3339(), "2026-05-03T00:00:00+00:00");
}

#[test]
fn pages_that_are_no_article_say_why() {
    let list: String =
        (0..9).map(|n| format!("<li><a href=/n/{n}>第 {n} 條新聞的標題在這裡</a><p>短短的摘要。</p></li>")).collect();
    for (html, why) in [
        ("<title>提示</title><div id=messagetext><p>抱歉，文章不存在</p></div>".to_owned(), "message: 抱歉"),
        ("<title>t</title><div id=b> <script>x</script></div>".to_owned(), "empty"),
        (format!("<title>列表頁面</title><div id=l><ul>{list}</ul></div>"), "list"),
        ("<title>章程公布</title><p>章程。</p>".to_owned(), ""),
        (format!("<div id=b>{PARAGRAPHS}</div>"), "headline"),
        (
            "<title>Rules</title><div id=b><p>Port rules change. Subscribe to continue reading.</p></div>".to_owned(),
            "stub",
        ),
        (String::new(), "empty"),
    ] {
        let reason = read_with(&html, by_body("#b"), None).unwrap_err();
        assert!(reason.contains(why), "{reason}: {html}");
    }
    assert!(read("<title>t</title><div id=l>短</div>").is_err());
}

#[test]
fn the_tail_goes_from_text_and_html() {
    let tail =
        "<p>最後一段。<b>重點</b>在此（責任編輯：乙）</p>來源：海報<br><a href=/more>更多港口要聞 文章 &gt;&gt;</a>";
    let draft =
        read_with(&format!("<title>章程公布</title><div id=b>{PARAGRAPHS}{tail}</div>"), by_body("#b"), None).unwrap();
    assert!(draft.text.ends_with("最後一段。重點在此"), "{}", draft.text);
    assert!(draft.html.ends_with("<p>最後一段。<b>重點</b>在此</p>\n"), "{}", draft.html);
    assert_eq!(draft.origin.as_deref(), Some("海報"));
}

#[test]
fn a_notice_beside_the_article_is_no_message() {
    let notice = "<div id=messagetext>抱歉，您还不能评论</div>";
    let html = format!("<title>章程公布</title>{notice}<div id=b>{PARAGRAPHS}</div>");
    assert!(read_with(&html, by_body("#b"), None).is_ok());
    assert!(read_with(&html, by_body("#absent"), None).is_err());
}

#[test]
fn markup_becomes_clean_html() {
    let html = r#"<title>標題一二三</title><div id=b><div>一<br><br>二</div><font color=red>三<b onclick=x>粗</b></font>
        <h1>小標</h1><table><tr><th>甲</th><td colspan=2>乙</td></tr></table><ul><li>項</li></ul><blockquote>引</blockquote>
        <pre>a  b</pre><a href="javascript:alert(1)">不連</a><a href="//cdn.example/x">連</a><img src="/px.gif" width=1 height=1>
        <img data-original="/real.jpg" src="/blank.gif"><svg><a href=x>y</a></svg><b><p>塊</p></b>&lt;script&gt;</div>"#;
    let draft = read_with(html, by_body("#b"), None).unwrap();
    let expected = r#"<p>一</p>
<p>二</p>
<p>三<b>粗</b></p>
<h2>小標</h2>
<table><tbody><tr><th>甲</th><td colspan="2">乙</td></tr>
</tbody>
</table>
<ul><li>項</li>
</ul>
<blockquote><p>引</p>
</blockquote>
<pre>a  b</pre>
<p>不連<a href="https://cdn.example/x" rel="noopener noreferrer">連</a> <img src="https://port.example/real.jpg" alt=""></p>
<p>塊</p>
<p>&lt;script&gt;</p>
"#;
    assert_eq!(draft.html, expected);
    assert_eq!(draft.text, "一\n二\n三粗\n小標\n甲 乙\n項\n引\na  b\n不連連\n塊\n<script>");
}

#[test]
fn a_page_without_a_picture_has_the_one_of_its_entry() {
    let mut e = entry();
    e.content = Some("<a href=/><img src='/i/2.png'></a> 港務局".into());
    let image = |page: &str| {
        let html = format!("<h1>章程 公布</h1><div id=body>{PARAGRAPHS}{page}</div>");
        read_with(&html, by_body("#body"), Some(&e)).unwrap().image.unwrap()
    };
    assert_eq!(image("").path(), "/i/2.png");
    assert_eq!(image("<p><img src=/i/1.jpg></p>").path(), "/i/1.jpg");
}

#[test]
fn an_entry_alone_is_an_article() {
    let source = source(ArticleRecipe::default());
    let mut e = entry();
    assert!(from_entry(&e, &source).is_none());
    e.summary = Some("a < b\nsecond".into());
    let draft = from_entry(&e, &source).unwrap();
    assert_eq!((draft.title.as_str(), draft.text.as_str()), ("a < b", "a < b\nsecond"));
    e.title = Some(" Title ".into());
    e.content = Some("<p>Body <script>x</script><a href='/y'>link</a></p><p>來源：海報</p>".into());
    let draft = from_entry(&e, &source).unwrap();
    assert_eq!(
        (draft.title.as_str(), draft.text.as_str(), draft.origin.as_deref()),
        ("Title", "Body link", Some("海報"))
    );
    assert_eq!(draft.html, "<p>Body <a href=\"https://port.example/y\" rel=\"noopener noreferrer\">link</a></p>\n");
    e.content = Some(" ".into());
    assert_eq!(from_entry(&e, &source).unwrap().text, "a < b\nsecond");
    e.content = Some("<img src='/i/1.png'>".into());
    assert_eq!(from_entry(&e, &source).unwrap().text, "a < b\nsecond");
    e.summary = None;
    let draft = from_entry(&e, &source).unwrap();
    assert_eq!(
        (draft.image.unwrap().path(), draft.html.contains("<img ")),
        ("/i/1.png", true),
        "a picture says it all"
    );
}

#[test]
fn pages_join_without_what_they_repeat() {
    let page = |n: usize| {
        let html = format!(
            "<title>章程公布</title><div id=b><p>這一行在每一頁上面都重複。</p><p>第 {n} 頁獨有的一段文字在這裡。</p><p>短</p></div>"
        );
        read_with(&html, by_body("#b"), None).unwrap()
    };
    let whole = join(page(1), vec![page(2), page(2), page(3)]);
    assert_eq!(
        whole.text.lines().collect::<Vec<_>>(),
        [
            "這一行在每一頁上面都重複。",
            "第 1 頁獨有的一段文字在這裡。",
            "短",
            "第 2 頁獨有的一段文字在這裡。",
            "短",
            "第 3 頁獨有的一段文字在這裡。",
            "短"
        ]
    );
    assert_eq!(whole.html.matches("重複").count(), 1);
    assert_eq!(whole.html.matches("<p>").count(), 7, "{}", whole.html);
}

#[test]
fn bad_selectors_are_named() {
    let mut recipe = Recipe::default();
    assert!(check(&recipe).is_empty());
    recipe.article = ArticleRecipe {
        body: Some("div[".into()),
        drop: vec![".x".into(), "::".into(), " ".into()],
        ..Default::default()
    };
    let keys: Vec<_> = check(&recipe).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["article.body", "article.drop", "article.drop"]);
    let html = format!("<title>章程公布</title>{PARAGRAPHS}");
    assert!(read_with(&html, recipe.article, None).is_ok(), "a bad selector is as none");
}

proptest::proptest! {
    #[test]
    fn any_markup_is_an_answer(parts in proptest::collection::vec(proptest::sample::select(vec![
        "<div>", "</div>", "<p>", "<b>", "</b>", "<table>", "<td>", "<tr>", "<ul>", "<li>", "<pre>", "</pre>", "<br>", "<img src=a.jpg>",
        "<a href=x>", "</a>", "文字文字文字", "words and words ", "來源：", "作者：甲", "（", "）", "<h1>", "</h1>", "<title>", "</title>",
        "<blockquote>", "<figure>", "<figcaption>", "<sup>", "<svg>", "&nbsp;", "\u{3000}", "|", "<meta name=author content=甲>",
    ]), 0..120)) {
        let html = parts.concat();
        for recipe in [ArticleRecipe::default(), by_body("body")] {
            if let Ok(draft) = read_with(&html, recipe, None) {
                proptest::prop_assert!(draft.text.lines().all(|l| !l.trim().is_empty()));
                proptest::prop_assert!(!draft.html.contains("<svg") && !draft.html.contains("<div"));
            }
        }
    }
}
