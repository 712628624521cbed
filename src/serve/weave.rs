//! How a feed is put together: what stands in it is looked up without reading an article; articles are read, and the body written and
//! packed, only when that is another than what is kept, and somebody wants it.

use std::sync::Arc;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use tokio::task::spawn_blocking;
use url::Url;

use super::{
    App,
    asked::{Asked, Since, Whose},
    bulletin,
    coding::{Coding, Packed},
    conditional::{Said, tag, unchanged},
    feeds, narrow,
    problem::Problem,
    router::Shared,
    shelf::Kept,
    status,
};
use crate::model::StoryItem;
use crate::render::{self, Content, FeedFacts};
use crate::store::{Archive, ArchivePage, Place, STORIES_MAX, Scope, Span};

/// Stories of an archive page: half as many as a feed shows, within these, so that a feed that names the page before the last full
/// one shows all that came after it.
const PAGE_STORIES_MAX: i64 = 100;
/// How often a feed is put together again because it changed meanwhile.
const TRIES_MAX: usize = 3;

/// What a feed is made of, as far as that is known without reading an article.
struct Plan {
    whose: Whose,
    facts: FeedFacts,
    limit: i64,
    archive: Option<Archive>,
}

/// The feed as it stands now, with its body if one is needed to answer.
pub(super) async fn weave(shared: &Shared, asked: &Asked, key: &str, headers: &HeaderMap) -> Result<Kept, Problem> {
    let plan = plan(shared, asked).await?;
    let slot = shared.shelf.slot(key);
    let _turn = slot.turn.lock().await;
    let wanted = Coding::asked(headers);
    // Somebody else may have done it while this waited for its turn.
    if let Some(kept) = shared.shelf.fresh(key).filter(|k| has(k, wanted)) {
        return Ok(kept);
    }
    let head = shared.shelf.head();
    let mut places = look(shared, asked, &plan).await?;
    let mut kept = Kept::new(stamp(shared, asked, &plan, &places), asked.page.is_some(), head);
    kept.newest = newest(&places);
    if let Some(last) = slot.last().filter(|last| last.tag == kept.tag) {
        kept.body = last.body;
    }
    let said = Said { content_type: "", tag: &kept.tag, newest: kept.newest, cache: "" };
    let is_had = unchanged(headers, &said, Coding::Plain, Utc::now()).is_some();
    if let Some(body) = kept.body.as_ref().filter(|_| !is_had) {
        bulletin::pack(body, wanted).await?;
    } else if !is_had {
        let mut is_settled = false;
        for _ in 0..TRIES_MAX {
            let (stories, older, newer) = stories(shared, asked, &plan, &places).await?;
            let facts = FeedFacts { older, newer, ..plan.facts.clone() };
            kept.body = Some(body(asked, facts, stories, wanted).await?);
            // What was read must be what was looked up, or the tag would name other bytes.
            let again = look(shared, asked, &plan).await?;
            is_settled = again == places;
            if is_settled {
                break;
            }
            places = again;
            (kept.tag, kept.newest) = (stamp(shared, asked, &plan, &places), newest(&places));
        }
        if let Some(body) = kept.body.as_ref().filter(|_| !is_settled) {
            // Nobody knows which state that is: it is told from any other by its bytes, and not taken for the next.
            kept.tag = tag(&body.get(Coding::Plain).unwrap_or_default());
        }
    }
    shared.shelf.keep(key, &slot, kept.clone());
    Ok(kept)
}

/// Whether the body is there, in the coding that is asked for.
fn has(kept: &Kept, wanted: Coding) -> bool {
    kept.body.as_ref().is_some_and(|b| b.get(b.fit(wanted)).is_some())
}

/// Megabytes of text are put together and packed here, which would keep the other requests of this thread waiting.
async fn body(
    asked: &Asked,
    facts: FeedFacts,
    stories: Vec<StoryItem>,
    wanted: Coding,
) -> Result<Arc<Packed>, Problem> {
    let (format, is_looked_at) = (asked.format, asked.is_looked_at);
    let made = spawn_blocking(move || {
        Arc::new(Packed::new(match is_looked_at {
            true => render::page(&facts, &stories, format.extension()),
            false => format.render(&facts, &stories),
        }))
    });
    let body = made.await.map_err(|_| {
        tracing::error!("a feed could not be rendered");
        Problem::defect()
    })?;
    bulletin::pack(&body, wanted).await?;
    Ok(body)
}

/// Who is asked for, whether that is there, and what the feed says of itself.
async fn plan(shared: &Shared, asked: &Asked) -> Result<Plan, Problem> {
    let app = &shared.app;
    let whose = match &asked.whose {
        Whose::Keyed(key) => {
            let feed = app.store.feed_of_key(key).await.map_err(|e| Problem::store("key", &e))?;
            Whose::of_key(&feed.ok_or_else(|| Problem::absent("This key opens nothing."))?)
        }
        other => other.clone(),
    };
    let title = title(shared, &whose).await?;
    if let Some(source) = &asked.source {
        status::name(app, source).await?;
    }
    let size = (app.settings.items / 2).clamp(1, PAGE_STORIES_MAX);
    let archive = match asked.source.is_none() && asked.since.is_none() && asked.query.is_none() {
        true => app.store.archive(whose.scope(), size).await.map_err(|e| Problem::store("archive", &e))?,
        false => None,
    };
    let limit = asked.limit.unwrap_or(app.settings.items).clamp(1, STORIES_MAX);
    let facts = facts(app, asked, &whose, &title);
    Ok(Plan { whose, facts, limit, archive })
}

async fn title(shared: &Shared, whose: &Whose) -> Result<String, Problem> {
    match whose {
        Whose::Source(id) => status::name(&shared.app, id).await,
        whose => feeds::named(&whose.name(), &shared.topics()).map(|feed| feed.title),
    }
}

/// What the feed says of itself; one narrowed to a source or by a query is another feed.
fn facts(app: &App, asked: &Asked, whose: &Whose, title: &str) -> FeedFacts {
    let (mut id, mut title) = (whose.name(), title.to_owned());
    if let Some(source) = &asked.source {
        id = format!("{id}/{source}");
        title = format!("{title}: {source}");
    }
    if let Some(query) = &asked.query {
        // A part of an identifier that any query fits in.
        id = format!("{id}/q/{}", tag(query.as_bytes()));
        title = format!("{title}: {query}");
    }
    // Relative, so that it is found under whatever name the feed is.
    let depth = usize::from(!matches!(asked.whose, Whose::Named(_))) + 2 * usize::from(asked.page.is_some());
    let base = asked.base(app);
    FeedFacts {
        content: asked.content.unwrap_or(if app.settings.full_content { Content::Full } else { Content::Excerpt }),
        current: asked.current(app),
        // Archive pages never change, and a key is nothing that a hub should know.
        hubs: match (&asked.whose, &asked.page) {
            (Whose::Keyed(_), _) | (_, Some(_)) => vec![],
            _ => app.hubs(&base),
        },
        style: Some(format!("{}style.xsl", "../".repeat(depth))),
        ..FeedFacts::new(&id, &title, base, app.address(&[""]), &app.authority)
    }
}

/// What stands in the feed: for an archive page that it does, for others which stories, in which state.
async fn look(shared: &Shared, asked: &Asked, plan: &Plan) -> Result<Vec<Place>, Problem> {
    let store = &shared.app.store;
    if let Some(page) = &asked.page {
        let archive = plan.archive.as_ref().filter(|a| a.mark == page.mark).ok_or_else(gone)?;
        let has = store.has_page(archive, page.number).await.map_err(|e| Problem::store("archive", &e))?;
        return if has { Ok(vec![]) } else { Err(gone()) };
    }
    let (after, since) = match asked.since {
        Some(Since::Number(n)) => (n, None),
        Some(Since::Instant(at)) => (0, Some(at)),
        None => (0, None),
    };
    let limit = if asked.query.is_some() { narrow::STORIES_TRIED } else { plan.limit };
    let span = Span { after, since, source: asked.source.as_deref(), limit, ..Span::default() };
    store.places(plan.whose.scope(), &span).await.map_err(|e| Problem::store("feed", &e))
}

/// What tells this state of the feed from any other: everything that decides its bytes.
fn stamp(shared: &Shared, asked: &Asked, plan: &Plan, places: &[Place]) -> String {
    let mut hasher = blake3::Hasher::new();
    let older = older(shared, asked, plan, places);
    hasher.update(
        format!(
            "{} {:?} {older:?} {places:?}",
            env!("CARGO_PKG_VERSION"),
            (&plan.facts, asked.format, asked.is_looked_at)
        )
        .as_bytes(),
    );
    if !matches!(plan.whose.scope(), Scope::Topic(_)) && asked.page.is_none() {
        // Topics that are there no more do not show on stories.
        shared.topics().iter().for_each(|t| {
            hasher.update(t.id.as_bytes()).update(b"\n");
        });
    }
    if asked.query.is_some() {
        let vocabulary = shared.app.vocabulary.borrow();
        hasher.update(format!("{:?}", (&vocabulary.aliases, &vocabulary.same)).as_bytes());
    }
    tag(hasher.finalize().as_bytes())
}

/// The archive page before the feed: nothing may be missing between the two.
fn older(shared: &Shared, asked: &Asked, plan: &Plan, places: &[Place]) -> Option<Url> {
    let archive = plan.archive.as_ref().filter(|_| asked.is_whole())?;
    let is_full = i64::try_from(places.len()).is_ok_and(|n| n >= plan.limit);
    let reaches = !is_full || places.iter().any(|p| p.number <= archive.upto);
    archive.newest.filter(|_| reaches).map(|page| asked.archive(&shared.app, &archive.mark, page))
}

/// What the feed shows, and the archive pages before and after it.
async fn stories(
    shared: &Shared,
    asked: &Asked,
    plan: &Plan,
    places: &[Place],
) -> Result<(Vec<StoryItem>, Option<Url>, Option<Url>), Problem> {
    let (store, scope) = (&shared.app.store, plan.whose.scope());
    if let (Some(page), Some(archive)) = (&asked.page, &plan.archive) {
        let kept = store.archived(archive, scope, page.number).await.map_err(|e| Problem::store("archive", &e))?;
        let ArchivePage { stories, before, after } = kept.ok_or_else(gone)?;
        let at = |number: i64| asked.archive(&shared.app, &archive.mark, number);
        return Ok((stories, before.map(at), after.map(at)));
    }
    if let Some(query) = &asked.query {
        let limit = usize::try_from(plan.limit).unwrap_or_default();
        return Ok((narrow::narrow(shared, query, scope, places, limit).await?, None, None));
    }
    let stories = store.stories(scope, places).await.map_err(|e| Problem::store("feed", &e))?;
    Ok((stories, older(shared, asked, plan, places), None))
}

fn gone() -> Problem {
    Problem::gone("This archive page is not there, or not any more.")
}

/// When what the feed shows last changed.
fn newest(places: &[Place]) -> Option<DateTime<Utc>> {
    places.iter().filter_map(|p| p.changed_at).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::{Settings, asked::KEYED, tests::app, websub};

    #[tokio::test]
    async fn a_feed_names_the_hubs_that_tell_of_it() {
        let public: url::Url = "https://news.example.org/".parse().unwrap();
        let websub = websub::Settings { hub: None, ping: vec!["https://hub.example/".parse().unwrap()] };
        let settings = Settings { public_url: Some(public.clone()), websub, ..Settings::default() };
        let app = App { settings, base: public, ..app() };
        let hubs = |folder, file: &str, query| {
            let asked = Asked::read(folder, file, None, query).ok().unwrap();
            facts(&app, &asked, &asked.whose, "t").hubs.len()
        };
        assert_eq!(hubs(None, "all.rss", None), 2);
        assert_eq!(hubs(None, "all.rss", Some("q=chip")), 1, "others are told of whole feeds only");
        assert_eq!(hubs(Some(KEYED), "abc.rss", None), 0, "a key is for who was given it");
    }
}
