//! Much of everything.

use super::{Class, Want, class, item, one, rss};

pub(crate) fn classes() -> Vec<Class> {
    let many: String = (0..5_001).map(item).collect();
    let title = "港口 ".repeat(5 << 17);
    let link = format!("<link>https://news.example/{}</link>", "a".repeat(1 << 20));
    vec![
        Class::of("five thousand and one items", rss(&many), Want::Count(5_000)).says("only the first 5000"),
        class("a title of megabytes", one(&format!("<title>{title}</title><link>/1</link>")), &["link=/1"]),
        class(
            "a guid of megabytes",
            one(&format!("<title>a</title><link>/1</link><guid>{title}</guid>")),
            &["title=a | link=/1"],
        ),
        class(
            "a name of megabytes",
            one(&format!("<title>a</title><link>/1</link><{}/>", "x".repeat(1 << 20))),
            &["title=a | link=/1"],
        ),
        class(
            "a date of megabytes",
            one(&format!("<title>a</title><link>/1</link><pubDate>{}</pubDate>", "2".repeat(1 << 20))),
            &["title=a | date="],
        ),
        // What is said once of all must not be copied to each.
        Class::of(
            "five thousand items of an author of a megabyte",
            rss(&format!("<author>{title}</author>{many}")),
            Want::Count(5_000),
        ),
        Class::of(
            "five thousand items in a language of a megabyte",
            rss(&format!("<language>{title}</language>{many}")),
            Want::Count(5_000),
        ),
        Class::of(
            "five thousand items of a site whose address is a megabyte",
            rss(&many).replace("<link>https://news.example/</link>", &link),
            Want::Count(5_000),
        ),
        class(
            "ten thousand declarations of namespaces",
            rss(&item(1)).replace(
                "<item>",
                &format!("<item{}>", (0..10_000).map(|n| format!(" xmlns:n{n}='urn:{n}'")).collect::<String>()),
            ),
            &[&super::told(1)],
        ),
        Class::of("ten thousand empty items", rss(&"<item/>".repeat(10_000)), Want::Count(5_000)).says("more problems"),
    ]
}
