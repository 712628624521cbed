use std::borrow::Cow;

use super::{tame, tame_text};

/// Depth and number of nodes that a real parse of the tamed `html` gives, on a stack as small as a worker's.
/// Returning at all is the point.
fn parsed(html: String) -> (usize, usize) {
    let parse = move || {
        let doc = scraper::Html::parse_document(&tame(&html));
        let (mut node, mut depth, mut deepest, mut nodes) = (doc.tree.root(), 0_usize, 0, 1);
        'walk: loop {
            if let Some(child) = node.first_child() {
                (node, depth, nodes) = (child, depth + 1, nodes + 1);
                deepest = deepest.max(depth);
                continue;
            }
            loop {
                if let Some(next) = node.next_sibling() {
                    (node, nodes) = (next, nodes + 1);
                    break;
                }
                let Some(parent) = node.parent() else { break 'walk };
                (node, depth) = (parent, depth - 1);
            }
        }
        (deepest, nodes)
    };
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(parse).unwrap().join().unwrap()
}

fn untouched(html: &str) {
    assert!(matches!(tame(html), Cow::Borrowed(_)), "{html}");
}

#[test]
fn deep_pages_become_shallow() {
    let text = "<p>words enough to be something</p>";
    let pages = [
        format!("{}{text}{}", "<div>".repeat(50_000), "</div>".repeat(50_000)),
        format!("{}{text}", "<b>".repeat(20_000)),
        format!("{}{text}", "<table><tr><td>".repeat(3_000)),
        format!("{}{text}", "<table><td>".repeat(3_000)),
        (0..20_000).map(|n| format!("<b id={n}>")).collect::<String>() + text,
        "<div><table><tr><td></div>".repeat(20_000),
        "<span><div></span>".repeat(30_000),
        "<a><div></a>".repeat(20_000),
        format!("<svg>{}", "<g>".repeat(50_000)),
        format!("<svg><style>{}</style>", "<g>".repeat(50_000)),
        format!("<svg><foreignObject><style><!-- </style>{}", "<div>".repeat(50_000)),
        format!("<script><!--<script></script><!-- </script>{}", "<div>".repeat(50_000)),
        format!("<!-->{}", "<div>".repeat(50_000)),
        format!("<!---->{}<!-- -->", "<div>".repeat(50_000)),
        format!("<!-- --!>{}<!-- -->", "<div>".repeat(50_000)),
        format!("<a title='>{}'></a>{}", "<div>".repeat(9), "<ul><li>".repeat(50_000)),
        "<dl><dd><object>".repeat(20_000),
        "<x-a-name-longer-than-any-known>".repeat(50_000),
    ];
    for html in pages {
        let head: String = html.chars().take(60).collect();
        let (depth, _) = parsed(html);
        assert!(depth <= 400, "{depth} deep: {head}");
    }
}

#[test]
fn broad_pages_become_small() {
    for html in ["<p>".repeat(1_000_000), "</p>".repeat(1_000_000), "<p>x</p><!-- c -->".repeat(300_000)] {
        let (_, nodes) = parsed(html);
        assert!(nodes <= 450_000, "{nodes}");
    }
    let reopened = (0..60).map(|n| format!("<b id={n}>")).collect::<String>() + &"<p>x</p>".repeat(100_000);
    let (_, nodes) = parsed(reopened);
    assert!(nodes <= 2_000_000, "{nodes}");
}

#[test]
fn huge_attributes_go_and_their_tags_stay() {
    let html = format!("<p id=a title=\"{}\" class=b>words</p>", "x".repeat(5_000_000));
    assert_eq!(tame(&html), "<p id=a  class=b>words</p>");
    let many: String = (0..100_000).map(|n| format!(" a{n}=1")).collect();
    let tamed = tame(&format!("<p{many}>words</p>")).into_owned();
    assert!(
        tamed.starts_with("<p a0=1 a1=1") && tamed.ends_with(">words</p>") && tamed.len() < 4_000_000,
        "{}",
        tamed.len()
    );
    assert_eq!(scraper::Html::parse_fragment(&tamed).root_element().text().collect::<String>(), "words");
    let both = format!("{}<div class='a<b' title='{}' id=deep>words", "<div>".repeat(300), "x".repeat(20_000));
    assert!(tame(&both).ends_with("<div>words"), "the tag that is too deep goes with what was left of it");
}

#[test]
fn a_page_over_the_size_cap_is_cut_between_characters() {
    let html = "芯".repeat(6 * 1024 * 1024);
    let tamed = tame(&html);
    assert!(tamed.len() <= super::PAGE_BYTES_MAX && tamed.len() + 3 > super::PAGE_BYTES_MAX);
}

#[test]
fn what_costs_a_parser_or_a_serializer_the_square_of_it_is_cut() {
    assert!(tame(&"&".repeat(1 << 20)).len() < 5_000);
    assert!(tame(&"\u{a0}x".repeat(1 << 18)).len() < 10_000);
    assert!(tame(&"<".repeat(1 << 20)).len() <= super::SIGNS_MAX);
    let nesting = "<b><i><a href=x>".repeat(10_000);
    assert!(scraper::Html::parse_document(&tame(&nesting)).tree.nodes().all(|n| n.ancestors().count() < 1_000));
}

#[test]
fn well_behaved_pages_are_borrowed() {
    untouched("");
    untouched("no markup, 1 < 2 and 3 > 2");
    untouched("<!doctype html><html><head><title>a < b</title><script>if (a < b) c('</div>')</script></head><body>x");
    untouched(&"<ul><li>one<li>two</ul><p>para<p>para<br>line<hr>".repeat(5_000));
    untouched(&"<table><tr><td>a<td>b<tr><td>c<td><font color=red>d<font size=2>e</table>".repeat(2_000));
    untouched(
        &"<svg viewBox='0 0 1 1'><title>t</title><style>.a{}</style><path d='M0'/><g><use/></g></svg>".repeat(2_000),
    );
    untouched(&"<p><font face=a>un<font face=a>closed<a href=x>link<a href=y>link</p>".repeat(5_000));
    untouched(&"<select><option>a<option>b<optgroup><option>c</select><dl><dt>a<dd>b</dl>".repeat(3_000));
    untouched(
        "<noscript><img src=a></noscript><!-- <div> --><textarea><div></textarea><iframe><p></iframe><![CDATA[x]]>",
    );
    untouched(&format!("{}deep{}", "<div>".repeat(200), "</div>".repeat(200)));
}

#[test]
fn unfinished_markup_ends_the_scan() {
    for html in [
        "<",
        "</",
        "<p",
        "<p a",
        "<p a=",
        "<p a='",
        "<!",
        "<!--",
        "<?",
        "<script>",
        "<script></scrip",
        "<svg><![CDATA[",
    ] {
        untouched(html);
    }
}

#[test]
fn text_alone_keeps_data_and_loses_code() {
    let html = "a<!-- b --><script>c</script><style>d</style><script type='application/ld+json'>{}</script><title>e</title><p>f";
    assert_eq!(
        tame_text(html, &|_| true),
        "a<script></script><style></style><script type='application/ld+json'>{}</script><title>e</title><p>f"
    );
    assert!(matches!(tame_text("<p>plain</p>", &|_| true), Cow::Borrowed(_)));
    assert_eq!(tame_text("<p>a<!-- b", &|_| true), "<p>a");
}

#[test]
fn attributes_that_are_not_asked_for_go() {
    let kept: super::Attributes<'_> = &|name| name.eq_ignore_ascii_case("class");
    assert_eq!(
        tame_text("<p ID=a CLASS='b c' onclick=\"x('>')\" hidden>d<br/ data-x = 1 />e</p id=z>", kept),
        "<p  CLASS='b c'  >d<br/  />e</p >"
    );
    assert_eq!(
        tame_text("<svg class=a><g><path d='M0'/><title>b</title></g></svg>c", kept),
        "<svg class=a><g><title>b</title></g></svg>c"
    );
}

/// The text of `html` as parsed, without that of scripts and styles.
fn shown(html: &str) -> String {
    let doc = scraper::Html::parse_document(html);
    let is_code = |n: ego_tree::NodeRef<'_, scraper::Node>| {
        n.value().as_element().is_some_and(|e| matches!(e.name(), "script" | "style"))
    };
    let texts = doc
        .tree
        .nodes()
        .filter(|n| !n.ancestors().any(is_code))
        .filter_map(|n| n.value().as_text().map(|t| t.to_string()));
    texts.collect()
}

proptest::proptest! {
    #[test]
    fn text_alone_is_the_same_text(parts in proptest::collection::vec(proptest::sample::select(vec![
        "<div>", "</div>", "<svg>", "</svg>", "<title>", "</title>", "<!--", "-->", "--!>", "<script>", "</script>", "<style>", "</style>", "<p", ">", "'",
        "x", "<!", "<template>", "</template>", "<![CDATA[", "]]>", "<textarea>", "</textarea>", "<math>", "<table>", "<td>", "<select>", "文 ", "\"", "=",
    ]), 0..60)) {
        let html = parts.concat();
        proptest::prop_assert_eq!(shown(&tame_text(&html, &|_| true)), shown(&tame(&html)));
    }

    #[test]
    fn never_panics_and_never_adds(parts in proptest::collection::vec(proptest::sample::select(vec![
        "<div>", "</div>", "<b>", "</b>", "<table>", "<td>", "<tr>", "</table>", "<svg>", "</svg>", "<title>", "</title>", "<!--",
        "-->", "<script>", "</script>", "<p", ">", "'", "\"", "=", "x", "<li>", "<a href=1>", "<template>", "</template>", "<style>",
        "</style>", "<![CDATA[", "]]>", "文", "/", "<font>", "<h1>", "<button>", "<math>", "<mi>", "<select>", "<option>",
    ]), 0..200)) {
        let html = parts.concat();
        let tamed = tame(&html);
        proptest::prop_assert!(tamed.len() <= html.len());
        let _ = scraper::Html::parse_document(&tamed);
    }
}
