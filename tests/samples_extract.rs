//! Extraction over saved pages of a real portal and of public sites; without those samples there is nothing to test.
#![expect(clippy::unwrap_used, reason = "a fixture that does not parse is a failure")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tidings::config::presets;
use tidings::extract::{self, Page};
use tidings::model::{Draft, Recipe, Source, SourceKind};
use url::Url;

/// Pages whose article the manifest describes, with its number.
const ARTICLES: &[(&str, u64)] = &[
    ("article_images", 36),
    ("article_table", 30),
    ("article_script_iframe", 20),
    ("article_comments_related", 32),
    ("article_nonbig5_chars", 2),
    ("article_simplified", 27),
    ("article_word_markup", 24),
    ("article_div_markup", 15),
    ("article_amp_title", 9),
    ("article_unrelated", 4),
    ("article_multipage_p1", 33),
];
/// Renderings of the site and the encoding of each.
const RENDERINGS: &[(&str, &str)] = &[("utf8", "utf-8"), ("big5", "big5"), ("gbk", "gbk"), ("big5_s2t", "big5")];

fn samples() -> Option<PathBuf> {
    let set = std::env::var_os("TIDINGS_SAMPLES").map(PathBuf::from);
    let dir = set.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples"));
    dir.is_dir().then_some(dir)
}

fn decode(bytes: &[u8], label: &str) -> String {
    encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().decode(bytes).0.into_owned()
}

fn source(recipe: Recipe) -> Source {
    Source {
        name: "Site".into(),
        kind: SourceKind::Portal,
        time_zone: chrono_tz::Asia::Hong_Kong,
        recipe,
        ..Source::at("site", "http://127.0.0.1:8810/portal.php".parse().unwrap())
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-24T08:00:00Z".parse().unwrap()
}

struct Site {
    dir: PathBuf,
    manifest: Value,
}

impl Site {
    fn open() -> Option<Self> {
        let dir = samples()?.join("discuz");
        let manifest = serde_json::from_slice(&std::fs::read(dir.join("manifest.json")).unwrap()).unwrap();
        Some(Self { dir, manifest })
    }

    fn expected(&self, aid: u64) -> &Value {
        let articles = self.manifest["articles"].as_object().unwrap();
        articles.values().find(|a| a["aid"].as_u64() == Some(aid)).unwrap()
    }

    fn url(&self, rendering: &str, file: &str) -> Url {
        let list = std::fs::read_to_string(self.dir.join(rendering).join("URLS.txt")).unwrap();
        let line = list.lines().find(|l| l.starts_with(&format!("{file}.html "))).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    }

    fn read(&self, rendering: &(&str, &str), file: &str, recipe: Recipe) -> Result<Draft, String> {
        let bytes = std::fs::read(self.dir.join(rendering.0).join(format!("{file}.html"))).unwrap();
        let text = decode(&bytes, rendering.1);
        extract::article(Page { url: &self.url(rendering.0, file), text: &text }, None, &source(recipe), now())
    }
}

fn discuz() -> Recipe {
    presets::get("discuz").unwrap()
}

/// Compares two texts, of which machine conversion between scripts may have changed a character here and there.
fn assert_same(rendering: &str, got: &str, expected: &str, what: &str) {
    static CONVERTER: LazyLock<opencc_fmmseg::OpenCC> = LazyLock::new(opencc_fmmseg::OpenCC::new);
    if matches!(rendering, "utf8" | "big5") {
        return assert_eq!(got, expected, "{rendering}: {what}");
    }
    let simplified = |s: &str| CONVERTER.convert(s, "t2s", false).chars().collect::<Vec<_>>();
    let (a, b) = (simplified(got), simplified(expected));
    let same = a.iter().zip(&b).filter(|(x, y)| x == y).count();
    assert!(a.len() == b.len() && same * 10 >= a.len() * 8, "{rendering}: {what}: {got} for {expected}");
}

#[test]
fn articles_of_every_rendering_are_read() {
    let Some(site) = Site::open() else { return };
    for rendering in RENDERINGS {
        for (file, aid) in ARTICLES {
            let at = format!("{}/{file}", rendering.0);
            let draft = site.read(rendering, file, discuz()).unwrap_or_else(|e| panic!("{at}: {e}"));
            let expected = site.expected(*aid);
            let text = |key: &str| expected[key].as_str().unwrap();
            assert_same(rendering.0, &draft.title, text("title"), &at);
            assert_same(rendering.0, draft.origin.as_deref().unwrap_or_default(), text("source"), &at);
            let author = text("author");
            assert_eq!(draft.author.is_none(), author.is_empty(), "{at}: {:?}", draft.author);
            assert_same(rendering.0, draft.author.as_deref().unwrap_or_default(), author, &at);

            let paragraphs = draft.text.lines().filter(|l| l.chars().count() >= 15).count();
            let on_first_page = if *aid == 33 { 3 } else { expected["paras"].as_u64().unwrap() };
            let extra = if *aid == 30 { 1 } else { 0 };
            assert!((on_first_page..=on_first_page + extra).contains(&(paragraphs as u64)), "{at}: {}", draft.text);
            assert!(draft.text.lines().all(|l| l == l.trim() && !l.is_empty()), "{at}: {}", draft.text);
            for junk in [
                "廣告",
                "广告",
                "隱藏文字",
                "隐藏文字",
                "adslot",
                "註解",
                "摘要",
                "發佈者",
                "发布者",
                "登录",
                "下一篇",
                "鲜花",
                "評論",
                "评论",
            ] {
                assert!(!draft.text.contains(junk) && !draft.html.contains(junk), "{at}: {junk} in {}", draft.text);
            }
            for bad in [
                "<script",
                "<style",
                "<iframe",
                "<div",
                "style=",
                "class=",
                "onload",
                "onclick",
                "href=\"portal",
                "src=\"data/",
            ] {
                assert!(!draft.html.contains(bad), "{at}: {bad} in {}", draft.html);
            }
            let images = draft.html.matches("<img").count();
            assert_eq!(images, if *aid == 36 { 3 } else { 0 }, "{at}: {}", draft.html);
        }
    }
}

#[test]
fn dates_are_in_the_zone_of_the_site() {
    let Some(site) = Site::open() else { return };
    for rendering in RENDERINGS {
        for (file, aid) in ARTICLES {
            let draft = site.read(rendering, file, discuz()).unwrap();
            let published = draft
                .published
                .map(|p| p.with_timezone(&chrono_tz::Asia::Hong_Kong).format("%Y-%m-%d %H:%M").to_string());
            assert_eq!(published.as_deref(), site.expected(*aid)["date"].as_str(), "{}/{file}", rendering.0);
        }
    }
}

#[test]
fn pages_of_one_article_are_joined_in_order() {
    let Some(site) = Site::open() else { return };
    for rendering in RENDERINGS {
        let page = |n: usize| site.read(rendering, &format!("article_multipage_p{n}"), discuz()).unwrap();
        let (one, two, three) = (page(1), page(2), page(3));
        assert_eq!(one.next, Some(site.url(rendering.0, "article_multipage_p2")));
        assert_eq!(two.next, Some(site.url(rendering.0, "article_multipage_p3")));
        assert_eq!(three.next, None);
        let (last, parts) =
            (three.text.lines().last().unwrap().to_owned(), [one.text.clone(), two.text.clone(), three.text.clone()]);
        let whole = extract::join(one, vec![two, three.clone(), three]);
        assert_eq!(whole.text.lines().filter(|l| l.chars().count() >= 15).count(), 9, "{}", whole.text);
        assert!(whole.text.ends_with(&last) && whole.text == parts.join("\n"), "{}", whole.text);
        assert_eq!(whole.html.matches("<p>").count(), whole.text.lines().count(), "{}", whole.html);
    }
}

#[test]
fn a_thread_is_its_first_post() {
    let Some(site) = Site::open() else { return };
    let draft = site.read(&RENDERINGS[0], "thread", discuz()).unwrap();
    assert_eq!(draft.title, site.manifest["threads"]["0"]["subject"].as_str().unwrap());
    assert!(draft.text.starts_with("新聞說實體清單") && draft.text.lines().count() == 3, "{}", draft.text);
    assert_eq!((draft.next, draft.author.as_deref()), (None, None));
}

#[test]
fn pages_that_are_no_article_say_why() {
    let Some(site) = Site::open() else { return };
    for rendering in RENDERINGS {
        for recipe in [discuz(), Recipe::default()] {
            for file in [
                "article_404",
                "list_nocat",
                "portal_index",
                "comments_page",
                "list_tech_p1",
                "list_news_p1",
                "list_life_onerank",
                "list_page_beyond_end",
                "forum_index",
                "forum_list",
            ] {
                let got = site.read(rendering, file, recipe.clone());
                assert!(got.as_ref().is_err_and(|e| !e.is_empty()), "{}/{file}: {got:?}", rendering.0);
            }
        }
        let beyond = site.read(rendering, "article_page_beyond_end", discuz());
        assert_eq!(beyond.unwrap_err(), "the article's body is empty");
    }
}

#[test]
fn articles_are_read_without_a_recipe() {
    let Some(site) = Site::open() else { return };
    for rendering in RENDERINGS {
        for (file, aid) in ARTICLES {
            let at = format!("{}/{file}", rendering.0);
            let draft = site.read(rendering, file, Recipe::default()).unwrap_or_else(|e| panic!("{at}: {e}"));
            let by_recipe = site.read(rendering, file, discuz()).unwrap();
            assert_eq!(
                (&draft.title, &draft.origin, &draft.author),
                (&by_recipe.title, &by_recipe.origin, &by_recipe.author),
                "{at}"
            );
            let found = by_recipe.text.lines().filter(|l| draft.text.contains(*l)).count();
            assert!(found * 10 >= by_recipe.text.lines().count() * 8, "{at} ({aid}): {}", draft.text);
            assert!(!draft.text.contains("隱藏文字") && !draft.text.contains("adslot"), "{at}: {}", draft.text);
        }
    }
}

#[test]
fn the_preset_reads_customised_themes() {
    let paragraph = "港務局今天公布新的靠泊章程，規定大型船隻必須提前申報。";
    let html = format!(
        "<title>章程公布了 - 港口要聞 - 某某門戶</title><base href='https://theme.example/'><div class=top><h1>章程公布了</h1>
        <p class=xg1>某某臺:2026-05-05 22:42| 來源:海時報 | <a href=c>評論( 1 )</a></p></div>
        <div id=article_content>　　{paragraph}<br /><br />　　{paragraph}二<br><img file='a.jpg' src='static/image/common/none.gif'>
        <br /><a href='list'>更多港口要聞 文章 &gt;&gt;</a></div>"
    );
    let url = "https://theme.example/news/1.html".parse().unwrap();
    let draft = extract::article(Page { url: &url, text: &html }, None, &source(discuz()), now()).unwrap();
    assert_eq!((draft.title.as_str(), draft.origin.as_deref(), draft.author), ("章程公布了", Some("海時報"), None));
    assert_eq!(draft.text, format!("{paragraph}\n{paragraph}二"));
    assert!(draft.html.contains("https://theme.example/a.jpg") && !draft.html.contains("更多"), "{}", draft.html);
}

#[test]
fn real_pages_are_parsed_as_they_are() {
    let Some(site) = Site::open() else { return };
    let mut pages = 0;
    for rendering in RENDERINGS {
        for file in std::fs::read_dir(site.dir.join(rendering.0)).unwrap().map(|f| f.unwrap().path()) {
            if file.extension().is_some_and(|e| e == "html") {
                let text = decode(&std::fs::read(&file).unwrap(), rendering.1);
                let tamed = tidings::text::tame(&text);
                assert!(matches!(tamed, std::borrow::Cow::Borrowed(_)), "{}", file.display());
                pages += 1;
            }
        }
    }
    assert!(pages >= 80, "{pages}");
}
