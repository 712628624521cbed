//! What of a page is taken for its body.

use super::super::dom;

const NEWS: &str = "<p>The harbour board met on Monday, heard the pilots, and voted to move the eastern buoys by spring.</p>\
    <p>Fishermen, who had asked for it since the storm, said that the old channel was no longer safe at low water.</p>";

/// The text of the body of `html`, a line an element.
fn body(html: &str) -> String {
    let mut doc = dom::parse(html, true).unwrap();
    dom::strip(&mut doc);
    let found = super::body(&mut doc, &"https://port.example/n/1".parse().unwrap());
    assert!(found.is_some(), "{html}");
    super::super::plain::lines(doc.root_element(), &[]).iter().map(|l| l.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_element_with_most_sentences_is_the_body() {
    let links = "<ul><li><a href=/1>Ferry fares rise, again, in the spring</a><li><a href=/2>Lighthouse, built in 1880, is sold</a></ul>";
    let text = body(&format!("<div id=x>{links}</div><div id=y>{NEWS}</div><div id=z>{links}</div>"));
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[test]
fn siblings_that_are_like_it_are_part_of_it() {
    let html = format!(
        "<section><p>What follows is all that the board has said of the buoys so far, and of who will pay for moving them.</p>\
         <div>{NEWS}{NEWS}</div><p>Short words</p><p>It sits again in May.</p></section>"
    );
    let text = body(&html);
    assert!(text.starts_with("What follows") && text.ends_with("in May."), "{text}");
    assert!(!text.contains("Short words"), "{text}");
}

#[test]
fn lines_between_breaks_are_paragraphs() {
    let lines = NEWS.replace("<p>", "").replace("</p>", "<br><br>");
    let text = body(&format!(
        "<div><div>{lines}{lines}</div><div><a href=/1>All of the news of the harbour, day by day</a></div></div>"
    ));
    assert_eq!(text.lines().count(), 4, "{text}");
}

#[test]
fn clutter_goes_and_tables_of_figures_stay() {
    let clutter = "<div class=x><h3>Also</h3><a href=/1>Ferry fares rise again</a> <a href=/2>Lighthouse sold</a></div>\
        <div class=sidebar>All boats of the port in one list for you</div>";
    let table = "<table><tr><th>Buoy<th>Depth<tr><td>A<td>4<tr><td>B<td>5</table>";
    let text = body(&format!("<div>{NEWS}{clutter}{table}{NEWS}</div>"));
    assert!(text.contains("A 4\nB 5"), "{text}");
    assert!(!text.contains("Ferry") && !text.contains("All boats"), "{text}");
}

#[test]
fn a_body_among_many_links_is_found_in_them() {
    let links = "<div><a href=/1>Ferry fares rise again in the spring of the year</a></div>".repeat(7);
    let text = body(&format!(
        "<div class='main article' id=content><div><div>{links}</div><div class=text>{NEWS}{NEWS}</div></div><div>{links}</div></div>"
    ));
    assert_eq!(text.lines().count(), 4, "{text}");
}

#[test]
fn what_is_named_as_surroundings_is_the_body_when_there_is_nothing_else() {
    for name in ["sidebar", "comment", "related", "banner"] {
        let text = body(&format!("<div class={name}>{NEWS}</div>"));
        assert_eq!(text.lines().count(), 2, "{name}: {text}");
    }
}

#[test]
fn han_sentences_count_their_own_commas() {
    let han = "<p>港務局週一開會，聽取引水人意見，表決通過明春移動東側浮標、航標與燈船。</p>".repeat(3);
    let text = body(&format!(
        "<div><p>首页 新闻 航运 港口 渔业 天气 关于我们 联系方式 网站地图 版权</p></div><div>{han}</div>"
    ));
    assert_eq!(text.lines().count(), 3, "{text}");
}
