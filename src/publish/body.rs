//! What a message says. The names in it are a contract, written down in `docs/webhooks.md`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::scope::Scope;
use crate::model::{Change, ChangeKind, Match, Outlet, StoryItem};
use crate::render::{self, clean, cut};

/// Characters of the excerpt.
const EXCERPT_CHARS_MAX: usize = 300;
/// Characters of a title or a name.
const TITLE_CHARS_MAX: usize = 300;
/// Outlets named in one event.
const OUTLETS_MAX: usize = 50;
/// Topics whose evidence is shown in one event.
const MATCHES_MAX: usize = 20;

/// What is sent when a message may hold several events.
#[derive(Serialize)]
struct Batch {
    r#type: &'static str,
    timestamp: DateTime<Utc>,
    data: Vec<Event>,
}

/// One change.
#[derive(Serialize)]
struct Event {
    r#type: &'static str,
    timestamp: DateTime<Utc>,
    data: Data,
}

#[derive(Serialize)]
struct Data {
    number: i64,
    story: i64,
    topics: Vec<String>,
    matches: Vec<Match>,
    article: Article,
    outlets: Vec<Outlet>,
}

#[derive(Serialize)]
struct Article {
    id: i64,
    source: String,
    title: String,
    url: String,
    published: Option<DateTime<Utc>>,
    first_seen: Option<DateTime<Utc>>,
    revision: Option<i64>,
    author: Option<String>,
    origin: Option<String>,
    language: Option<String>,
    image: Option<String>,
    excerpt: Option<String>,
}

/// The word for a change in a message.
const fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::StoryNew => "story.new",
        ChangeKind::StoryJoined => "story.joined",
        ChangeKind::ArticleRevised => "article.revised",
        ChangeKind::ArticleGone => "article.gone",
    }
}

/// The message that tells a sink of the changes, each with what is stored of its article, if it still is; `list`: as one that
/// may hold several.
pub(super) fn message(scope: Scope<'_>, list: bool, changes: Vec<(Change, Option<StoryItem>)>) -> Vec<u8> {
    let last = changes.last().map_or(DateTime::UNIX_EPOCH, |(change, _)| change.at);
    let mut events: Vec<Event> = changes.into_iter().map(|(change, item)| event(scope, change, item)).collect();
    // Strings, numbers and lists under fixed keys: there is nothing in them that JSON could refuse.
    if list {
        return serde_json::to_vec(&Batch { r#type: "changes", timestamp: last, data: events }).unwrap_or_default();
    }
    events.pop().map(|event| serde_json::to_vec(&event).unwrap_or_default()).unwrap_or_default()
}

fn event(scope: Scope<'_>, change: Change, item: Option<StoryItem>) -> Event {
    let line = |text: &str| cut(&clean(text), TITLE_CHARS_MAX);
    let mut article = Article {
        id: change.article,
        source: change.source,
        title: line(&change.title),
        url: change.url,
        published: None,
        first_seen: None,
        revision: None,
        author: None,
        origin: None,
        language: None,
        image: None,
        excerpt: None,
    };
    let (mut matches, mut outlets) = (vec![], vec![]);
    if let Some(item) = item {
        let draft = &item.lead.draft;
        let name = |text: &Option<String>| text.as_deref().map(line).filter(|t| !t.is_empty());
        article = Article {
            title: render::title(&item),
            url: draft.url.to_string(),
            published: draft.published,
            first_seen: Some(item.lead.first_seen_at),
            revision: Some(item.lead.revision),
            author: name(&draft.author),
            origin: name(&draft.origin),
            language: name(&draft.language),
            image: draft.image.as_ref().map(ToString::to_string),
            excerpt: Some(cut(&clean(&draft.text), EXCERPT_CHARS_MAX)),
            ..article
        };
        matches = item.matches.into_iter().filter(|m| scope.wants(&m.topic)).take(MATCHES_MAX).collect();
        outlets = item.outlets.into_iter().take(OUTLETS_MAX).collect();
    }
    let topics = change.topics.into_iter().filter(|t| scope.wants(t)).collect();
    let data = Data { number: change.number, story: change.story, topics, matches, article, outlets };
    Event { r#type: kind(change.kind), timestamp: change.at, data }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::webhook::Webhook;
    use super::*;

    fn change(number: i64) -> Change {
        Change {
            number,
            kind: ChangeKind::ArticleRevised,
            story: 4,
            article: 9,
            source: "harbor".into(),
            title: format!("港口{}\u{7}", "长".repeat(400)),
            url: "https://harbor.example/9".into(),
            topics: vec!["port".into(), "rice".into()],
            at: DateTime::UNIX_EPOCH,
        }
    }

    fn read(webhook: &Webhook, changes: Vec<(Change, Option<StoryItem>)>) -> Value {
        serde_json::from_slice(&message(webhook.scope(), webhook.batch > 1, changes)).unwrap()
    }

    #[test]
    fn an_event_is_told_though_its_article_is_no_longer_kept() {
        let mut hook = Webhook::new("x", "https://x.example/".parse().unwrap(), vec![]);
        hook.topics = vec!["port".into()];
        let said = read(&hook, vec![(change(7), None)]);
        assert_eq!((&said["type"], &said["timestamp"]), (&json!("article.revised"), &json!("1970-01-01T00:00:00Z")));
        assert_eq!(said["data"]["topics"], json!(["port"]), "other topics are not this sink's");
        let title = said["data"]["article"]["title"].as_str().unwrap();
        assert!(title.starts_with("港口长") && title.chars().count() <= 301, "{title}");
        assert_eq!((&said["data"]["number"], &said["data"]["article"]["excerpt"]), (&json!(7), &Value::Null));
    }

    #[test]
    fn with_a_batch_every_message_is_a_list() {
        let mut hook = Webhook::new("x", "https://x.example/".parse().unwrap(), vec![]);
        hook.batch = 10;
        for numbers in [vec![7], vec![7, 9]] {
            let said = read(&hook, numbers.iter().map(|n| (change(*n), None)).collect());
            assert_eq!(said["type"], "changes");
            let told: Vec<i64> =
                said["data"].as_array().unwrap().iter().map(|e| e["data"]["number"].as_i64().unwrap()).collect();
            assert_eq!(told, numbers);
        }
    }
}
