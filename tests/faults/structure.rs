//! Elements that stand where they should not, or do not stand where they should.

use super::{Class, Want, class, item, rss, told};

pub(crate) fn classes() -> Vec<Class> {
    let (one, two, three) = (told(1), told(2), told(3));
    let both = &[one.as_str(), two.as_str()][..];
    let all = &[one.as_str(), two.as_str(), three.as_str()][..];
    let open = |n: usize| item(n).replace("</item>", "");
    vec![
        class("an item that is not closed", rss(&format!("{}{}", open(1), item(2))), both),
        class("items that are never closed", rss(&format!("{}{}{}", open(1), open(2), open(3))), all),
        class("an item closed twice", rss(&format!("{}</item>{}", item(1), item(2))), both),
        class("an item in an item", rss(&format!("{}{}</item>", open(1), item(2))), both),
        class("a channel that is closed early", rss(&format!("{}</channel>{}", item(1), item(2))), both),
        class("a channel that is never closed", rss(&format!("{}{}", item(1), item(2))).replace("</channel>", ""), both),
        class("nothing is closed", format!("<rss><channel>{}{}", open(1), open(2)), both),
        class("a root that is closed early", rss(&format!("{}</channel></rss>{}", item(1), item(2))), both),
        class("items beside the channel", format!("<rss version='2.0'><channel><title>x</title></channel>{}{}</rss>", item(1), item(2)), both),
        class("items before the channel", format!("<rss version='2.0'>{}{}<channel><title>x</title></channel></rss>", item(1), item(2)), both),
        class("items without a channel", format!("<rss version='2.0'>{}{}</rss>", item(1), item(2)), both),
        class("items before the head of the channel", format!("<rss><channel>{}{}<title>x</title></channel></rss>", item(1), item(2)), both),
        class("items in a list of their own", rss(&format!("<items>{}{}</items>", item(1), item(2))), both),
        class("items without a root", format!("<?xml version='1.0'?><channel>{}{}</channel>", item(1), item(2)), both),
        class("two channels", format!("<rss><channel>{}</channel><channel>{}</channel></rss>", item(1), item(2)), both),
        class("two documents, one after the other", format!("{}\n{}", rss(&item(1)), rss(&item(2))), both),
        class("a root in a root", format!("<rss>{}</rss>", rss(&item(1)).split_once("?>").unwrap().1), &[&one]),
        class("a channel without a title", format!("<rss><channel>{}{}</channel></rss>", item(1), item(2)), both),
        class("a channel with two titles", rss(&format!("<title>x</title>{}{}", item(1), item(2))), both),
        class("a picture of the channel first", rss(&format!("<image><title>no</title><link>https://other.example/</link><url>/i.png</url></image>{}", item(1))), &[&one]),
        class("a form of the channel with a title", rss(&format!("<textInput><title>no</title><link>/no</link></textInput>{}", item(1))), &[&one]),
        class("an empty feed", rss(""), &[]),
        class("an empty root", "<rss/>", &[]).says("no channel"),
        class("an empty feed of Atom", "<feed xmlns=\"http://www.w3.org/2005/Atom\"/>", &[]),
        class("an item without anything", rss(&format!("<item/>{}", item(2))), &["title= | link=/ | part=", &two]).says("says nothing"),
        class("an item of white space", rss(&format!("<item>\n<title> </title><link>\n</link> </item>{}", item(2))), &["title=", &two]).says("says nothing"),
        class("an item of text", rss(&format!("<item>港口</item>{}", item(2))), &["title=", &two]),
        class("text between items", rss(&format!("{}港口{}", item(1), item(2))), both),
        class("fields twice, the first ones empty", rss("<item><title/><title>消息1</title><link/><link>https://news.example/1</link></item>"), &[&one]),
        class("fields twice", rss("<item><title>消息1</title><title>no</title><link>https://news.example/1</link><link>/no</link></item>"), &[&one]),
        class("fields in an element of the publisher", rss("<item><title>消息1</title><link>https://news.example/1</link><x:more><title>no</title><link>/no</link></x:more></item>"), &[&one]),
        Class::of("nested two hundred deep", rss(&format!("{}{}{}{}", "<a>".repeat(200), item(1), "</a>".repeat(200), item(2))), Want::Count(1)),
        class("a description nested sixty thousand deep", rss(&format!("<item><title>消息1</title><description>{}x{}</description><link>https://news.example/1</link></item>{}", "<b>".repeat(60_000), "</b>".repeat(60_000), item(2))), both).says("deeper than"),
        class("a description that never closes what it nests", rss(&format!("<item><title>消息1</title><link>https://news.example/1</link><description>{}x</description></item>{}", "<div>".repeat(2_000), item(2))), both),
    ]
}
