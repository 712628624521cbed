//! Documents made to hang a reader: each must be read or refused. What is quadratic in one of them takes hours, which nobody
//! who runs the tests overlooks; the times are printed.

use std::time::Instant;

use tidings::model::{Recipe, SourceKind};

use super::{article, decoded, listing, source};

const MIB: usize = 1 << 20;
/// As much as is fetched.
const WHOLE: usize = 15 * MIB;
/// `unit` as often as it takes.
fn full(unit: &str) -> String {
    unit.repeat(WHOLE / unit.len())
}

/// As much as shows what is quadratic.
fn some(unit: &str) -> String {
    unit.repeat(4 * MIB / unit.len())
}

/// A feed whose only item's title begins and does not end.
fn title(inside: &str) -> String {
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><item><link>/1</link><title>{inside}")
}

fn page(inside: &str) -> String {
    format!("<!DOCTYPE html><html><head><title>x</title></head><body>{inside}")
}

/// Reads `monster` as listing and as article; how many entries it has.
fn face(name: &str, monster: &str, kind: SourceKind) -> Option<usize> {
    let start = Instant::now();
    let text = decoded(monster.as_bytes());
    let decoded = start.elapsed();
    let source = source(Recipe::default(), kind);
    let found = listing(&text, &source).map(|l| l.entries.len());
    let listed = start.elapsed();
    let _ = article(&text, &source);
    let taken = start.elapsed();
    println!("{name}: decoded {decoded:.1?}, listed {:.1?}, extracted {:.1?}", listed - decoded, taken - listed);
    found
}

macro_rules! monsters {
    ($($name:ident: $monster:expr;)*) => {$(
        #[test]
        fn $name() {
            let monster: String = $monster;
            let _ = face(stringify!($name), &monster, SourceKind::Auto);
        }
    )*};
}

monsters! {
    nested_divisions: page(&full("<div>"));
    nested_divisions_with_classes: page(&some("<div class=\"content article\"><p>x"));
    nested_tables: page(&"<table><tr><td>".repeat(50_000));
    nested_lists_of_links: page(&"<ul><li><a href=\"/a/1.html\">港口今天重新开放</a>".repeat(50_000));
    formatting_that_never_ends: page(&full("<b><i><a href=x>"));
    many_links: page(&(0..100_000).map(|n| format!("<li><a href=\"/a/{n}.html\">港口今天重新开放第{n}次</a> 2026-11-20</li>")).collect::<String>());
    many_paragraphs: page(&some("<p>港口今天重新开放，货轮陆续靠岸，码头上的灯一直亮着。</p>\n"));
    one_long_paragraph: page(&format!("<p>{}</p>", some("港口今天重新开放，")));
    one_long_attribute: page(&format!("<div title=\"{}\">x</div>", "a".repeat(5 * MIB)));
    one_long_attribute_of_a_feed: title(&format!("</title><guid x=\"{}\">1</guid></item>", "a&amp;".repeat(MIB)));
    one_line_of_less_than_signs: full("<");
    one_line_of_less_than_signs_in_a_feed: title(&full("<"));
    one_line_of_less_than_signs_in_a_page: page(&full("<"));
    one_line_of_ampersands: full("&");
    one_line_of_ampersands_in_a_feed: title(&full("&"));
    one_line_of_ampersands_in_a_page: page(&full("&"));
    references_that_never_end: title(&some("&#"));
    references_without_end_marks: title(&some("&amp"));
    a_section_that_never_ends: title(&format!("<![CDATA[{}", full("港口 <b>开放</b> ")));
    sections_that_never_end: title(&some("<![CDATA["));
    sections_one_after_another: title(&some("<![CDATA[x]]>"));
    sections_in_a_page: page(&some("<![CDATA["));
    comments_that_never_end: title(&full("<!--"));
    comments_in_a_page: page(&some("<!--"));
    instructions_that_never_end: title(&some("<?"));
    quotes_that_never_end: title(&some("<a b=\""));
    quotes_of_both_kinds: title(&some("<a b='><c d=\">"));
    tags_that_never_end: title(&some("<a "));
    end_tags_alone: title(&some("</b>"));
    end_tags_alone_in_a_page: page(&some("</p>"));
    elements_within_elements: title(&format!("</title>{}", some("<a>")));
    declarations_of_namespaces: title(&format!("</title>{}{}", (0..200).map(|d| format!("<a{}>", (0..60).map(|n| format!(" xmlns:n{d}x{n}='u'")).collect::<String>())).collect::<String>(), "<z:z/>".repeat(500_000)));
    roots_one_after_another: some("<rss><channel><item><link>/1</link></item></channel></rss>");
    addresses_of_a_sitemap: format!("<urlset>{}", (0..300_000).map(|n| format!("<url><loc>/{n}</loc></url>")).collect::<String>());
    digits: title(&format!("</title><pubDate>{}</pubDate><description>{}</description>", some("2026-"), "1".repeat(MIB)));
    dates_of_a_page: page(&some("2026-11- 11:"));
    white_space: format!("{}<rss>", some(" "));
    quotes_after_white_space: title(&format!("<a {}", some("= \"x\" ")));
    nul_bytes: some("\0");
    scripts_that_never_end: page(&some("<script>"));
    json_in_json: format!("{{\"items\": {}", some("["));
    json_of_many: format!("{{\"items\": [{}{{}}]}}", "{\"title\": \"x\"},".repeat(MIB / 16));
}

#[test]
fn a_million_items() {
    let feed = format!("<rss><channel>{}</channel></rss>", "<item/>".repeat(1_000_000));
    assert_eq!(face("a_million_items", &feed, SourceKind::Feed), Some(5_000));
}

#[test]
fn laughs_by_the_billion() {
    let entity = |n: usize| format!("<!ENTITY l{} \"{}\">", n + 1, format!("&l{n};").repeat(10));
    let entities: String = (0..10).map(entity).collect();
    let feed = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY l0 \"lol\">{entities}]><rss><channel><item><title>&l10;</title><link>/1</link></item></channel></rss>"
    );
    assert_eq!(face("laughs_by_the_billion", &feed, SourceKind::Feed), Some(1));
}
