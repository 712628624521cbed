//! Information lines at the ends of a body, of which the counter is another at each visit.

use crate::model::ArticleRecipe;

use super::{PARAGRAPHS, by_body, read_with};

const ENGLISH: &str = "<p>The port authority published new berthing rules on Monday, which ask all ships longer than \
    three hundred metres to file two days early.</p><p>Owners welcomed the rules but asked for a longer transition, since \
    many small companies have no electronic filing system yet.</p><p>Environmental groups said that the rules should also \
    limit heavy fuel oil in the harbour, and will propose as much at the hearing next week.</p>";

/// Lines with a number for `#`, in any markup.
const LINES: &[&str] = &[
    "2026-05-05 10:00 来源：海港社 阅读：#",
    "2026-05-05 10:00 <span>来源：海港社</span><span>浏览(<i>#</i>)</span>",
    "<span>2026-05-05 10:00</span> <span>来源：海港社</span> <span><b>#</b>人参与</span>",
    "來源：海港社 點擊：# 評論：#",
    "2026-05-05 Source: 海港社 Views: #",
    "来源：海港社 # 次阅读",
];

/// Bodies with `LINE` where an information line is, and how many lines they are without.
fn bodies() -> Vec<(String, usize)> {
    let mut bodies = Vec::new();
    for (text, lines) in [(PARAGRAPHS, 3), (ENGLISH, 3)] {
        for class in ["info", "meta", "post-meta", "article-info", "source", "time", "x"] {
            bodies.push((format!("<div class={class}>LINE</div><div id=b class=txt>{text}</div>"), lines));
        }
        bodies.push((format!("<div id=b><div class=info>LINE</div>{text}</div>"), lines));
        bodies.push((format!("<div id=b>{text}<p>LINE</p></div>"), lines));
        bodies.push((format!("<div id=b>LINE<br>{text}</div>"), lines));
        bodies.push((format!("<div id=b><h2>章程公布了</h2>LINE<br><br>{text}</div>"), lines));
        bodies.push((format!("<div id=b>{text}LINE<br>分享到：微博</div>"), lines));
    }
    bodies
}

#[test]
fn a_counter_that_runs_changes_nothing() {
    for line in LINES {
        for (body, lines) in bodies() {
            for recipe in [ArticleRecipe::default(), by_body("#b")] {
                let at = |n: &str| {
                    let line = line.replace('#', n);
                    let page =
                        format!("<title>章程公布了 - 海港網</title><h1>章程公布了</h1>{}", body.replace("LINE", &line));
                    read_with(&page, recipe.clone(), None).unwrap_or_else(|e| panic!("{e}: {page}"))
                };
                let (one, other) = (at("1203"), at("1.2万"));
                assert_eq!(one.text, other.text, "{line} in {body}");
                assert_eq!(one.html, other.html, "{line} in {body}");
                assert_eq!(one.text.lines().count(), lines, "{} of {line} in {body}", one.text);
                assert!(!one.html.contains("海港社"), "{} of {line} in {body}", one.html);
                let is_recipes_own = recipe.body.is_some() && body.contains("id=b class=txt");
                if !is_recipes_own {
                    assert_eq!(one.origin.as_deref(), Some("海港社"), "{line} in {body}");
                }
                assert_eq!(one.origin, other.origin);
            }
        }
    }
}

#[test]
fn a_sentence_with_a_number_stays_at_the_ends() {
    let first = "记者查看了三处工地，浏览了12份记录";
    for recipe in [ArticleRecipe::default(), by_body("#b")] {
        let page = format!(
            "<title>章程公布了</title><h1>章程公布了</h1><div id=b><p>{first}</p>{PARAGRAPHS}<p>{first}</p></div>"
        );
        let draft = read_with(&page, recipe, None).unwrap();
        assert_eq!((draft.text.matches(first).count(), draft.html.matches(first).count()), (2, 2), "{}", draft.text);
    }
}
