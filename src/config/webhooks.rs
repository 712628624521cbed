//! `[[webhooks]]`: who is told of changes. Secrets, and addresses that are as good as one, are never shown.

use std::path::Path;

use toml::{Spanned, de::DeValue};

use crate::model::ChangeKind;
use crate::publish::{BATCH_MAX, CHAT_BATCH_MAX, Format, SINKS_MAX, Secret, Webhook};
use crate::topic::Spec;

use super::{
    kinds::{self, Bad, Kind},
    names,
    near::nearest,
    reader::{self, Findings, Given, Table},
    report::{Place, Problem},
    sections,
    sources::{Seen, titled, unique_id},
};

const KINDS: &[(&str, ChangeKind)] = &[
    ("story_new", ChangeKind::StoryNew),
    ("story_joined", ChangeKind::StoryJoined),
    ("article_revised", ChangeKind::ArticleRevised),
    ("article_gone", ChangeKind::ArticleGone),
];
const FORMATS: &[(&str, Format)] = &[
    ("standard", Format::Standard),
    ("slack", Format::Slack),
    ("discord", Format::Discord),
    ("telegram", Format::Telegram),
    ("ntfy", Format::Ntfy),
    ("feishu", Format::Feishu),
    ("dingtalk", Format::DingTalk),
    ("wecom", Format::WeCom),
];
/// Secrets of one webhook: more than two are seldom in use at once.
const SECRETS_MAX: usize = 8;
/// Bounds of the time that a receiver may take, in seconds.
const TIMEOUT_S: (u64, u64) = (1, 60);

/// All webhooks that are right; `topics` are those that they can name, `ids` the names that sinks have.
pub(super) fn webhooks(
    root: &mut Table<'_>,
    base: &Path,
    topics: &[Spec],
    ids: &mut Seen,
    found: &mut Findings<'_>,
) -> Vec<Webhook> {
    let mut webhooks = vec![];
    let tables = root.tables("webhooks", found);
    if let Some(one_more) = tables.get(SINKS_MAX) {
        let problem = Problem::error(one_more.span(), format!("there are more than {SINKS_MAX} webhooks"));
        found.push(problem.expected("expected no more of them"));
    }
    for (i, value) in tables.iter().enumerate().take(SINKS_MAX) {
        let table = Table::at(titled("webhook", i, value.get_ref()), value, found);
        webhooks.extend(webhook(table, base, topics, ids, found));
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
    let mut format = Format::Standard;
    let named = table.set("format", &kinds::choice(FORMATS), &mut format, found);
    if let Some((given, lacks)) = url.as_ref().and_then(|given| Some((given, format.lacks(&given.value)?))) {
        let problem = Problem::error(given.at.clone(), format!("{} url: {lacks}", table.title));
        found.push(problem.expected("expected an address of its format"));
    }
    let wanted = table.list("topics", &topic(topics), found);
    let kinds = told_kinds(&mut table, found);
    let secrets = match format {
        Format::Standard => secrets(&mut table, base, found),
        format if format.has_own_secret() => own_secret(&mut table, base, found),
        _ => {
            unsigned(&mut table, named.as_ref(), found);
            vec![]
        }
    };
    let mut batch = 1;
    let most = if format == Format::Standard { BATCH_MAX } else { CHAT_BATCH_MAX };
    table.set("batch", &kinds::number(1, most), &mut batch, found);
    let span = |seconds| std::time::Duration::from_secs(seconds);
    let timeout = table.scalar("timeout", &kinds::duration(span(TIMEOUT_S.0), span(TIMEOUT_S.1)), found);
    table.finish(found);
    let mut webhook = Webhook::new(id?.value, url?.value, secrets);
    webhook.topics = wanted.into_iter().map(|given| given.value).collect();
    webhook.kinds = kinds;
    webhook.format = format;
    webhook.batch = batch;
    webhook.timeout = timeout.map_or(webhook.timeout, |given| given.value);
    Some(webhook)
}

/// `kinds`, each once; without it, new stories.
pub(super) fn told_kinds(table: &mut Table<'_>, found: &mut Findings<'_>) -> Vec<ChangeKind> {
    if !table.has("kinds") {
        table.take("kinds");
        return vec![ChangeKind::StoryNew];
    }
    let mut told: Vec<ChangeKind> = vec![];
    for given in table.list("kinds", &kinds::choice(KINDS), found) {
        if !told.contains(&given.value) {
            told.push(given.value);
        }
    }
    if told.is_empty() {
        let problem = Problem::error(table.at.clone(), format!("{} kinds: none is named", table.title));
        found.push(problem.expected("expected at least one kind").needs_whole_file());
    }
    told
}

/// The secret that a service made for its bot, if the bot asks for signatures.
fn own_secret(table: &mut Table<'_>, base: &Path, found: &mut Findings<'_>) -> Vec<Secret> {
    if let Some(value) = table.peek("secret") {
        found.secrets.push(value.span());
    }
    let secret = sections::value_or_file(table, ("secret", "secret_file"), &kinds::words(256), base, found);
    secret.map(|given| Secret::of_service(&given.value)).into_iter().collect()
}

/// Complains of a secret that would sign nothing.
fn unsigned(table: &mut Table<'_>, format: Option<&Place>, found: &mut Findings<'_>) {
    for key in ["secret", "secret_file"] {
        let Some(value) = table.take(key) else { continue };
        found.secrets.push(value.span());
        let problem =
            Problem::error(value.span(), format!("{} {key}: messages of its format are not signed", table.title));
        let problem = problem.expected("expected none: the address is the secret");
        found.push(match format {
            Some(at) => problem.also(at, "the format"),
            None => problem,
        });
    }
}

/// The id of a topic of the configuration.
pub(super) fn topic(topics: &[Spec]) -> Kind<String> {
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
pub(super) fn one_or_many<T>(
    label: &str,
    value: &Spanned<DeValue<'_>>,
    kind: &Kind<T>,
    found: &mut Findings<'_>,
) -> Vec<Given<T>> {
    if value.get_ref().as_array().is_some() {
        return reader::list(label, value, kind, found);
    }
    reader::read(label, value, kind, found).into_iter().collect()
}
