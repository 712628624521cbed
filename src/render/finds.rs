//! The text around what was found.

use super::plain::{clean, cut, mark_each, mark_in};
use crate::model::Evidence;

/// Excerpts that together show what was found, each once.
pub struct Finds {
    texts: Vec<String>,
    found: Vec<String>,
}

impl Finds {
    /// At most `most` excerpts of at most `chars_max` characters. What can be seen in one of the same field needs none of its own;
    /// evidence without an excerpt is its own.
    pub fn of<'a>(evidence: impl IntoIterator<Item = &'a Evidence>, most: usize, chars_max: usize) -> Self {
        let (mut shown, mut found) = (Vec::new(), Vec::new());
        for e in evidence {
            let own = clean(&e.found);
            let text = cut(&clean(if e.excerpt.trim().is_empty() { &e.found } else { &e.excerpt }), chars_max);
            let is_seen = shown.iter().any(|(field, text): &(_, String)| *field == e.field && text.contains(&own));
            if shown.len() < most && !is_seen && !text.is_empty() {
                shown.push((e.field, text));
            }
            if !own.is_empty() {
                found.push(own);
            }
        }
        Self { texts: shown.into_iter().map(|(_, text)| text).collect(), found }
    }

    /// As HTML, whatever was found in `<mark>`.
    pub fn html(&self) -> impl Iterator<Item = String> {
        self.texts.iter().map(|text| mark_each(text, &self.found))
    }

    /// As plain text, whatever was found between two pairs of asterisks.
    pub(super) fn text(&self) -> impl Iterator<Item = String> {
        self.texts.iter().map(|text| mark_in(text, &self.found, str::to_owned, ("**", "**")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;

    fn evidence(found: &str, field: Field, excerpt: &str) -> Evidence {
        Evidence { term: found.into(), found: found.into(), field, excerpt: excerpt.into(), count: 1 }
    }

    #[test]
    fn what_an_excerpt_shows_is_not_shown_again() {
        let all = [
            evidence("芯片", Field::Title, "芯片出口管制"),
            evidence("芯片", Field::Body, "芯片 <与> 出口管制新规"),
            evidence("出口管制", Field::Body, "与> 出口管制新规今日生效"),
            evidence("Nvidia", Field::Body, "如 Nvidia 等公司"),
            evidence("zh", Field::Lang, ""),
            evidence("名单", Field::Body, "一份名单"),
        ];
        let finds = Finds::of(&all, 4, 100);
        let html = [
            "<mark>芯片</mark><mark>出口管制</mark>",
            "<mark>芯片</mark> &lt;与&gt; <mark>出口管制</mark>新规",
            "如 <mark>Nvidia</mark> 等公司",
            "<mark>zh</mark>",
        ];
        assert_eq!(finds.html().collect::<Vec<_>>(), html);
        assert_eq!(finds.text().nth(1).unwrap(), "**芯片** <与> **出口管制**新规");
        let one = Finds::of(&all[2..], 1, 5);
        assert_eq!(one.text().collect::<Vec<_>>(), ["与> 出…"], "cut before what was found");
        assert_eq!(Finds::of(&[evidence("", Field::Body, " ")], 4, 9).html().count(), 0);
    }
}
