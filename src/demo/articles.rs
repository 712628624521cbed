//! The newsroom's articles, invented for this program.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One invented article, in Simplified characters or English.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// Its name in tests.
    pub key: String,
    /// `chip`: on semiconductor export controls; `near`: sounds like it and is not; empty: neither.
    pub topic: String,
    /// `zh` or `en`.
    pub language: String,
    /// Headline.
    pub title: String,
    /// The paper it is syndicated from; empty: none.
    pub origin: String,
    /// Author; empty: none.
    pub author: String,
    /// Identifiers of the outlets that run it.
    pub outlets: Vec<String>,
    /// Headlines at outlets that give it another.
    #[serde(default)]
    pub retitled: BTreeMap<String, String>,
    /// How the page marks paragraphs up: `p`, `br`, `div` or `indent`.
    pub markup: String,
    /// Pages that it is spread over.
    pub pages: usize,
    /// Its text.
    pub paragraphs: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    articles: Vec<Article>,
}

/// All of them, in order of publication.
pub(super) fn all() -> Result<Vec<Article>, toml::de::Error> {
    toml::from_str::<File>(include_str!("articles.toml")).map(|f| f.articles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newsroom_has_what_the_demo_shows() {
        let all = all().unwrap();
        let count = |f: &dyn Fn(&Article) -> bool| all.iter().filter(|a| f(a)).count();
        assert!(count(&|a| a.topic == "chip") >= 10);
        assert!(count(&|a| a.topic == "near") >= 4);
        assert!(count(&|a| ["gbk", "big5"].iter().all(|o| a.outlets.iter().any(|x| x == o))) >= 6);
        assert!(count(&|a| a.pages > 1) >= 1);
        assert!(count(&|a| !a.retitled.is_empty()) >= 1);
        let mut keys: Vec<&str> = all.iter().map(|a| a.key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all.len());
    }
}
