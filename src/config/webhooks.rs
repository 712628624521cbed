//! `[[webhooks]]`: who is told of changes. Secrets, and addresses that are as good as one, are never shown.

use std::path::Path;

use toml::{Spanned, de::DeValue};

use crate::model::ChangeKind;
use crate::publish::{BATCH_MAX, SINKS_MAX, Secret, Webhook};
use crate::topic::Spec;

use super::{
    kinds::{self, Bad, Kind},
    names,
    near::nearest,
    reader::{self, Findings, Given, Table},
    report::Problem,
    sections,
    sources::{Seen, titled, unique_id},
};

const KINDS: &[(&str, ChangeKind)] = &[
    ("story_new", ChangeKind::StoryNew),
    ("story_joined", ChangeKind::StoryJoined),
    ("article_revised", ChangeKind::ArticleRevised),
    ("article_gone", ChangeKind::ArticleGone),
];
/// Secrets of one webhook: more than two are seldom in use at once.
const SECRETS_MAX: usize = 8;
/// Bounds of the time that a receiver may take, in seconds.
const TIMEOUT_S: (u64, u64) = (1, 60);

/// All webhooks that are right; `topics` are those that they can name.
pub(super) fn webhooks(root: &mut Table<'_>, base: &Path, topics: &[Spec], found: &mut Findings<'_>) -> Vec<Webhook> {
    let (mut webhooks, mut ids) = (vec![], Seen::new());
    let tables = root.tables("webhooks", found);
    if let Some(one_more) = tables.get(SINKS_MAX) {
        let problem = Problem::error(one_more.span(), format!("there are more than {SINKS_MAX} webhooks"));
        found.push(problem.expected("expected no more of them"));
    }
    for (i, value) in tables.iter().enumerate().take(SINKS_MAX) {
        let table = Table::at(titled("webhook", i, value.get_ref()), value, found);
        webhooks.extend(webhook(table, base, topics, &mut ids, found));
    }
    webhooks
}

fn webhook(
    mut table: Table<'_>,
    base: &Path,
    topics: &[Spec],
    ids: &mut Seen,
    found: &mut Findings<'_>,
) -> Option<Webhook> {
    let id = unique_id(&mut table, ids, found);
    table.require("url", "url = \"https://...\"", found);
    if let Some(value) = table.peek("url") {
        // Whoever knows the address of a chat's hook can post there.
        found.secrets.push(value.span());
    }
    let url = table.scalar("url", &names::url(), found);
    let wanted = table.list("topics", &topic(topics), found);
    let kinds_given = table.has("kinds");
    let mut wanted_kinds: Vec<ChangeKind> = vec![];
    for given in table.list("kinds", &kinds::choice(KINDS), found) {
        if !wanted_kinds.contains(&given.value) {
            wanted_kinds.push(given.value);
        }
    }
    if kinds_given && wanted_kinds.is_empty() {
        let problem = Problem::error(table.at.clone(), format!("{} kinds: none is named", table.title));
        found.push(problem.expected("expected at least one kind").needs_whole_file());
    }
    let secrets = secrets(&mut table, base, found);
    let mut batch = 1;
    table.set("batch", &kinds::number(1, BATCH_MAX), &mut batch, found);
    let span = |seconds| std::time::Duration::from_secs(seconds);
    let timeout = table.scalar("timeout", &kinds::duration(span(TIMEOUT_S.0), span(TIMEOUT_S.1)), found);
    table.finish(found);
    let mut webhook = Webhook::new(id?.value, url?.value, secrets);
    webhook.topics = wanted.into_iter().map(|given| given.value).collect();
    if kinds_given {
        webhook.kinds = wanted_kinds;
    }
    webhook.batch = batch;
    webhook.timeout = timeout.map_or(webhook.timeout, |given| given.value);
    Some(webhook)
}

/// The id of a topic of the configuration.
fn topic(topics: &[Spec]) -> Kind<String> {
    let ids: Vec<String> = topics.iter().map(|t| t.id.clone()).collect();
    Kind::text("the id of a topic", move |s| {
        if ids.iter().any(|id| id == s) {
            return Ok(s.to_owned());
        }
        let near = nearest(s, ids.iter().map(String::as_str)).map(|n| format!("did you mean \"{n}\"?"));
        Err(Bad::new(format!("no topic has the id `{s}`")).hint(near))
    })
}

/// `secret` and `secret_file`, each one value or a list.
fn secrets(table: &mut Table<'_>, base: &Path, found: &mut Findings<'_>) -> Vec<Secret> {
    let is_set = table.has("secret") || table.has("secret_file");
    if table.exists() && !is_set {
        let problem = Problem::error(table.at.clone(), format!("{} has no `secret`", table.title));
        let hint = "make one with: echo \"whsec_$(openssl rand -base64 32)\"".to_owned();
        found.push(problem.expected("`secret` or `secret_file` is missing").hint(hint).needs_whole_file());
    }
    let mut texts = vec![];
    if let Some(value) = table.take("secret") {
        found.secrets.push(value.span());
        texts.extend(one_or_many(&table.label("secret"), value, &key(), found));
    }
    if let Some(value) = table.take("secret_file") {
        let label = table.label("secret_file");
        for path in one_or_many(&label, value, &kinds::words(4096), found) {
            texts.extend(sections::secret(base, &path, &label, &key(), found));
        }
    }
    if let Some(one_more) = texts.get(SECRETS_MAX) {
        let problem = Problem::error(one_more.at.clone(), format!("{}: too many secrets", table.title));
        found.push(problem.expected(format!("expected at most {SECRETS_MAX}")));
    }
    texts.iter().filter_map(|given| Secret::parse(&given.value).ok()).collect()
}

/// A secret as it is written.
fn key() -> Kind<String> {
    Kind::text("whsec_ and 24 to 64 bytes in base64", |s| {
        Secret::parse(s).map(|_| s.trim().to_owned()).map_err(Bad::new)
    })
}

/// The good values of a key that holds one or a list.
fn one_or_many(
    label: &str,
    value: &Spanned<DeValue<'_>>,
    kind: &Kind<String>,
    found: &mut Findings<'_>,
) -> Vec<Given<String>> {
    if value.get_ref().as_array().is_some() {
        return reader::list(label, value, kind, found);
    }
    reader::read(label, value, kind, found).into_iter().collect()
}
