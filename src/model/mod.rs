//! Floor 0, the words: plain values that every other module speaks in.
//!
//! In: nothing. Out: `Source`, `Entry`, `Draft`, `Visit`, `Match`, `Change` and the addresses they carry.
//! Deliberately absent: any reading of a clock, of the environment, of a file, of a database; any parsing of documents.

pub mod address;
mod article;
mod change;
mod hub;
mod pace;
mod source;
mod spent;
mod target;
mod topic;
mod visit;

pub use article::{ArticleRow, Draft, Entry, Listing, ListingKind, Outlet, StoryItem};
pub use change::{Change, ChangeKind};
pub use hub::Announcement;
pub use pace::{Moved, Pace, Skip};
pub use source::{Announced, ArticleRecipe, FIRST_VISIT, Hours, ListRecipe, Recipe, Source, SourceKind};
pub use spent::{FailedBody, Phases};
pub use target::{Health, Past, Target, TargetKind};
pub use topic::{Digest, Evidence, Field, Match, Sketch};
pub use visit::{CharsetFacts, Decided, Failure, FailureKind, Finding, HttpFacts, Outcome, Problem, Visit};
