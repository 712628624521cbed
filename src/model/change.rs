//! The ordered log of what happened to stories.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a change says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// A story was seen for the first time.
    StoryNew,
    /// Another outlet ran a known story.
    StoryJoined,
    /// Title or text of an article changed.
    ArticleRevised,
    /// An article was taken down.
    ArticleGone,
}

impl ChangeKind {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::StoryNew, Self::StoryJoined, Self::ArticleRevised, Self::ArticleGone];

    /// The word stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StoryNew => "story_new",
            Self::StoryJoined => "story_joined",
            Self::ArticleRevised => "article_revised",
            Self::ArticleGone => "article_gone",
        }
    }

    /// The change that `word` names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }
}

/// One numbered line of the log. Numbers are gapless and become visible in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Change {
    /// Place in the log, from 1.
    pub number: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// Number of the story.
    pub story: i64,
    /// Number of the article that caused it.
    pub article: i64,
    /// Identifier of the source of that article.
    pub source: String,
    /// Headline at the time.
    pub title: String,
    /// Address of the article.
    pub url: String,
    /// Topics that matched the article at the time.
    pub topics: Vec<String>,
    /// When it was recorded.
    pub at: DateTime<Utc>,
}
