use super::*;
use crate::model::{ListRecipe, ListingKind};

fn recipe(item: &str) -> Recipe {
    let list = ListRecipe { item: Some(item.into()), next: Some("a.next".into()), ..ListRecipe::default() };
    Recipe { list, ..Recipe::default() }
}

fn by(recipe: Recipe, text: &str) -> Listing {
    read_as(SourceKind::Portal, recipe, text).unwrap()
}

const LIST: &str = r##"<!DOCTYPE html><html><head><title>World | News</title><base href="https://news.example/cn/">
<link rel="alternate" type="application/rss+xml" href="rss.xml"></head><body class="nav-page">
<nav><ul><li><a href="/politics/1000">Politics and more of the same</a></li><li><a href="/b/1001">Business and more of it</a></li>
<li><a href="/c/1002">Culture and much more of it</a></li></ul></nav>
<ul class="list">
<li class="row"><a href="a/101.html#c"><img src="i.jpg" alt="x"></a><a href="a/101.html" title="港口罷工進入第三天 航運公司改道而行">港口罷工進入第三天...</a><span>12-10 22:42</span></li>
<li class="row odd"><a href="javascript:void(0)">x</a><a href="a/102.html">新橋通車首日 車流量超出預期</a><span title="2026-11-20 08:00">3天前</span></li>
<li class="row"><a href="a/103.html?utm_source=x">山區初雪 多條公路暫時封閉</a><em>昨天 12:30</em></li>
<li class="row"><a href="http://news.example/cn/a/103.html">山區初雪 多條公路暫時封閉</a></li>
<li class="row"><a href="mailto:x@news.example">寫信給我們</a></li>
</ul><a class="next" href="list?page=2">next</a>
<div class="sidebar"><a href="/a/900.html">most read story of all</a><a href="/a/901.html">the second most read</a><a href="/a/902.html">the third most read</a></div>
</body></html>"##;

#[test]
fn a_recipe_reads_the_list() {
    let listing = by(recipe("ul.list > li"), LIST);
    assert_eq!((listing.kind, listing.title.as_deref()), (ListingKind::Recipe, Some("World | News")));
    assert_eq!(
        links(&listing),
        [
            "https://news.example/cn/a/101.html",
            "https://news.example/cn/a/102.html",
            "https://news.example/cn/a/103.html?utm_source=x"
        ]
    );
    let titles: Vec<_> = listing.entries.iter().filter_map(|e| e.title.as_deref()).collect();
    assert_eq!(
        titles,
        ["港口罷工進入第三天 航運公司改道而行", "新橋通車首日 車流量超出預期", "山區初雪 多條公路暫時封閉"]
    );
    let dates: Vec<_> = listing.entries.iter().map(|e| e.published.unwrap().to_rfc3339()).collect();
    assert_eq!(dates, ["2025-12-10T14:42:00+00:00", "2026-11-20T00:00:00+00:00", "2026-11-23T04:30:00+00:00"]);
    assert_eq!(listing.next.as_ref().unwrap().as_str(), "https://news.example/cn/list?page=2");
    assert_eq!(listing.feeds[0].as_str(), "https://news.example/cn/rss.xml");
    assert_eq!(messages(&listing), ["item 5 has no link to a page: `寫信給我們`"]);
}

#[test]
fn without_a_recipe_the_list_is_found_and_its_surroundings_are_not() {
    let listing = by(Recipe::default(), LIST);
    assert_eq!(listing.kind, ListingKind::Portal);
    assert_eq!(listing.entries.len(), 3, "{:?}", links(&listing));
    assert!(listing.entries.iter().all(|e| e.link.path().starts_with("/cn/a/10") && e.published.is_some()));
}

#[test]
fn a_gone_container_and_an_empty_one_are_told_apart() {
    let empty = by(
        recipe("ul.list > li"),
        "<html><ul class='list'></ul><a href='/x/1.html'>one more link of the page</a></html>",
    );
    assert_eq!((empty.kind, empty.entries.len(), empty.problems.len()), (ListingKind::Recipe, 0, 0));
    let gone = by(recipe("ol.stories > li"), LIST);
    assert_eq!((gone.kind, gone.entries.len()), (ListingKind::Portal, 3));
    assert!(messages(&gone)[0].starts_with("container gone"), "{:?}", messages(&gone));
    assert_eq!(gone.problems[0].stage, "recipe");
    assert!(gone.next.is_some());
}

#[test]
fn a_selector_that_fits_no_item_is_complained_of() {
    let source = Recipe {
        list: ListRecipe {
            item: Some("ul.list > li".into()),
            title: Some("h9".into()),
            date: Some("time, .when".into()),
            ..ListRecipe::default()
        },
        ..Recipe::default()
    };
    let page = "<ul class='list'><li><a href='/x/1.html'>a headline of some length</a></li></ul>";
    let listing = by(source, page);
    assert_eq!(listing.entries.len(), 1);
    assert_eq!(messages(&listing), ["list.title: `h9` matches nothing in any of 1 items"]);
}

#[test]
fn cards_that_are_links_are_found_with_their_dates() {
    let card = |n: u32| {
        format!(
            "<a class='card' href='/story/the-harbour-opens-again-{n}'><h3>The harbour opens again, part {n}</h3>\
             <time datetime='2026-11-{n}T10:00:00+08:00'>{n} Nov</time><p>Some words of summary.</p></a>"
        )
    };
    let page = format!("<html><body><main>{}</main></body></html>", (11..16).map(card).collect::<String>());
    let listing = by(Recipe::default(), &page);
    assert_eq!(listing.entries.len(), 5);
    assert_eq!(listing.entries[0].title.as_deref(), Some("The harbour opens again, part 11"));
    assert_eq!(listing.entries[4].published.unwrap().to_rfc3339(), "2026-11-15T02:00:00+00:00");
}

#[test]
fn datelines_are_no_headlines_and_running_times_no_dates() {
    let row = |n: u32| {
        format!(
            "<tr><td><a href='/v/{n}.html'>The harbour seen from above, part {n} <span class='pub-date'>2026-11-{n}</span></a></td>\
             <td><i>12:34</i></td><td><b>1/2</b></td></tr>"
        )
    };
    let page = format!("<html><form><table>{}</table></form></html>", (11..15).map(row).collect::<String>());
    let listing = by(Recipe::default(), &page);
    assert_eq!(listing.entries.len(), 4);
    assert_eq!(listing.entries[0].title.as_deref(), Some("The harbour seen from above, part 11"));
    assert_eq!(listing.entries[0].published.unwrap().to_rfc3339(), "2026-11-10T16:00:00+00:00");
}

#[test]
fn a_page_where_a_feed_was_asked_for_is_read_and_told() {
    let listing = read_as(SourceKind::Feed, Recipe::default(), LIST).unwrap();
    assert_eq!((listing.kind, listing.entries.len(), listing.feeds.len()), (ListingKind::Portal, 3, 1));
    assert!(messages(&listing)[0].contains("a feed was asked for"));
    let feed =
        read_as(SourceKind::Portal, Recipe::default(), "<rss><channel><item><link>/1</link></item></channel></rss>")
            .unwrap();
    assert_eq!((feed.kind, feed.entries.len(), feed.problems.len()), (ListingKind::Feed, 1, 1));
}

#[test]
fn a_page_without_a_list_says_so() {
    let listing = by(Recipe::default(), "<html><body><p>We are moving.</p><a href='/'>Home</a></body></html>");
    assert!(listing.entries.is_empty());
    assert_eq!(messages(&listing), ["no list of articles was found on the page"]);
}
