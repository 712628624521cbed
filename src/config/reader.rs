//! Takes values out of the parsed file, key by key, and keeps every complaint. What nobody took is an unknown key.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    kinds::{Bad, Form, Kind},
    mask::suspicious,
    near::nearest,
    report::{Place, Problem},
};

/// Keys of the design that this version does not have: (table, key), an empty table being the file itself.
const LATER: [(&str, &str); 2] = [("[retention]", "database_max"), ("[web]", "token_file")];

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Given<T> {
    pub(super) value: T,
    pub(super) at: Place,
}

/// What has been found so far.
pub(super) struct Findings<'e> {
    pub(super) problems: Vec<Problem>,
    /// Bytes of the file that must not be shown.
    pub(super) secrets: Vec<Range<usize>>,
    env: &'e BTreeMap<String, String>,
    /// Every (section, key) that the environment can set.
    settable: BTreeSet<(&'static str, &'static str)>,
}

/// The environment variable that sets `key` of `section`.
fn variable(section: &str, key: &str) -> String {
    format!("TIDINGS_{}_{}", section.to_uppercase(), key.to_uppercase())
}

impl<'e> Findings<'e> {
    pub(super) fn new(env: &'e BTreeMap<String, String>) -> Self {
        Self { problems: vec![], secrets: vec![], env, settable: BTreeSet::new() }
    }

    pub(super) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Variables that set nothing, and what each of the others is called.
    pub(super) fn finish_environment(&mut self) {
        let known: Vec<String> = self.settable.iter().map(|(s, k)| variable(s, k)).collect();
        for name in self.env.keys().filter(|n| n.starts_with("TIDINGS_")) {
            let ours =
                matches!(name.as_str(), "TIDINGS_CONFIG" | "TIDINGS_SAMPLES") || name.starts_with("TIDINGS_TEST_");
            if ours || known.contains(name) {
                continue;
            }
            let near = nearest(name, known.iter().map(String::as_str)).map(|n| format!("did you mean {n}?"));
            let hint = near.or_else(|| Some("a variable is TIDINGS_, section, _, key: TIDINGS_WEB_LISTEN".into()));
            let problem = Problem::error(Place::Env(name.clone()), format!("{name} sets nothing"));
            self.problems.push(problem.hint(hint));
        }
    }

    /// What the variables hold that may be shown: not the secret one, and none that may be a misspelt secret.
    pub(super) fn shown_environment(&self) -> BTreeMap<String, String> {
        let open = self.settable.iter().filter(|of| **of != ("database", "url"));
        let names = open.map(|(section, key)| variable(section, key));
        names.filter_map(|name| Some((name.clone(), self.env.get(&name)?.clone()))).collect()
    }

    fn environment(&mut self, section: &'static str, key: &'static str) -> Option<Given<&'e str>> {
        self.settable.insert((section, key));
        let name = variable(section, key);
        self.env.get(&name).map(|value| Given { value: value.as_str(), at: Place::Env(name) })
    }

    /// The section that has a key of this name.
    fn section_of(&self, key: &str) -> Option<&'static str> {
        self.settable.iter().find(|(_, k)| *k == key).map(|(s, _)| *s)
    }
}

/// A table being read.
pub(super) struct Table<'t> {
    /// As problems call it: `[fetch]`, `source backchina`.
    pub(super) title: String,
    /// Where it is, if the file has it.
    pub(super) at: Place,
    entries: Option<&'t DeTable<'t>>,
    section: Option<&'static str>,
    known: Vec<&'static str>,
}

impl<'t> Table<'t> {
    /// The file itself.
    pub(super) fn root(entries: &'t DeTable<'t>) -> Self {
        let (title, at) = (String::new(), Place::Whole);
        Self { title, at, entries: Some(entries), section: None, known: vec![] }
    }

    /// The table at `value`; it is no table: a complaint, and an empty one.
    pub(super) fn at(title: String, value: &'t Spanned<DeValue<'t>>, found: &mut Findings<'_>) -> Self {
        let entries = value.get_ref().as_table();
        if entries.is_none() {
            let what = article(value.get_ref().type_str());
            found.push(
                Problem::error(value.span(), format!("{title} is {what}, not a table")).expected("expected a table"),
            );
        }
        Self { title, at: value.span().into(), entries, section: None, known: vec![] }
    }

    /// Whether the file has `key`, rightly or wrongly.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.is_some_and(|t| t.contains_key(key))
    }

    /// Whether the file has this table.
    pub(super) fn exists(&self) -> bool {
        self.entries.is_some()
    }

    /// Every key with its value.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'t Spanned<Cow<'t, str>>, &'t Spanned<DeValue<'t>>)> {
        self.entries.into_iter().flatten()
    }

    /// The value of `key`, which is left for somebody to take.
    pub(super) fn peek(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.entries?.get(key)
    }

    /// The value of `key`, whatever it is.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known.push(key);
        self.entries?.get(key)
    }

    /// The section `name` of the file, whose scalars the environment can set; there even if the file has none.
    pub(super) fn section(&mut self, name: &'static str, found: &mut Findings<'_>) -> Self {
        let title = format!("[{name}]");
        let section = match self.take(name) {
            Some(value) => Self::at(title, value, found),
            None => Self { title, at: Place::Whole, entries: None, section: None, known: vec![] },
        };
        Self { section: Some(name), ..section }
    }

    /// The elements of `[[name]]`.
    pub(super) fn tables(&mut self, name: &'static str, found: &mut Findings<'_>) -> &'t [Spanned<DeValue<'t>>] {
        let Some(value) = self.take(name) else { return &[] };
        if let Some(array) = value.get_ref().as_array() {
            return array;
        }
        let problem = Problem::error(value.span(), format!("`{name}` must be a list of tables"));
        let hint = format!("begin each one with a line [[{name}]], in two brackets");
        found.push(problem.expected(format!("expected [[{name}]]")).hint(hint));
        &[]
    }

    /// The value of `key`, the environment's before the file's; absent or bad: `None`.
    pub(super) fn scalar<T>(
        &mut self,
        key: &'static str,
        kind: &Kind<T>,
        found: &mut Findings<'_>,
    ) -> Option<Given<T>> {
        let label = self.label(key);
        let file = self.take(key).and_then(|value| read(&label, value, kind, found));
        let env = self.section.and_then(|section| found.environment(section, key));
        let env = env.and_then(|given| {
            let value = match given.value.trim() {
                "" => Err(Bad::new("it is empty").hint("unset it to use what the file says".to_owned())),
                _ => (kind.parse)(given.value),
            };
            value
                .map_err(|bad| found.push(complaint(&label, given.at.clone(), &bad, &kind.expected)))
                .ok()
                .map(|value| Given { value, at: given.at })
        });
        env.or(file)
    }

    /// Puts the value of `key` into `target`, if there is a good one; where it was written.
    pub(super) fn set<T>(
        &mut self,
        key: &'static str,
        kind: &Kind<T>,
        target: &mut T,
        found: &mut Findings<'_>,
    ) -> Option<Place> {
        let given = self.scalar(key, kind, found)?;
        *target = given.value;
        Some(given.at)
    }

    /// The good elements of the list `key`; the environment writes it with commas.
    pub(super) fn list<T>(&mut self, key: &'static str, kind: &Kind<T>, found: &mut Findings<'_>) -> Vec<Given<T>> {
        let label = self.label(key);
        let file = self.take(key).map(|value| list(&label, value, kind, found)).unwrap_or_default();
        let Some(env) = self.section.and_then(|section| found.environment(section, key)) else { return file };
        let mut given = vec![];
        for part in env.value.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            match (kind.parse)(part) {
                Ok(value) => given.push(Given { value, at: env.at.clone() }),
                Err(bad) => found.push(complaint(&label, env.at.clone(), &bad, &kind.expected)),
            }
        }
        given
    }

    /// Complains that `key` is absent, if it is.
    pub(super) fn require(&self, key: &str, example: &str, found: &mut Findings<'_>) {
        if self.exists() && !self.has(key) {
            let problem = Problem::error(self.at.clone(), format!("{} has no `{key}`", self.title));
            let problem = problem.expected(format!("`{key}` is missing")).hint(format!("add a line: {example}"));
            found.push(problem.needs_whole_file());
        }
    }

    /// Complains of every key that nobody took.
    pub(super) fn finish(self, found: &mut Findings<'_>) {
        for (key, value) in self.entries().filter(|(k, _)| !self.known.contains(&k.get_ref().as_ref())) {
            let name = key.get_ref().as_ref();
            // Of a table with a header line of its own, the place is that line: nothing in it is secret.
            let beside = !value.span().contains(&key.span().start);
            let inside = matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_));
            if beside && (inside || suspicious(name)) {
                found.secrets.push(value.span());
            }
            let later = LATER.contains(&(self.title.as_str(), name));
            let near = nearest(name, self.known.iter().copied());
            let list = || format!("the keys are {}", self.known.join(", "));
            let root = self.title.is_empty();
            let hint = match (later, near, found.section_of(name)) {
                (true, ..) => "this version does not have it yet: remove it".to_owned(),
                (_, None, Some(section)) if root => format!("`{name}` belongs under [{section}]"),
                (_, Some(near @ ("sources" | "topics" | "webhooks" | "nats" | "digests")), _) if root => {
                    format!("did you mean [[{near}]]?")
                }
                (_, Some(near), _) if root => format!("did you mean [{near}]?"),
                (_, Some(near), _) => format!("did you mean `{near}`?"),
                (..) => list(),
            };
            let place = if root { "unknown key" } else { "unknown key of this table" };
            let message =
                if root { format!("unknown key `{name}`") } else { format!("{}: unknown key `{name}`", self.title) };
            found.push(Problem::error(key.span(), message).expected(place).hint(hint));
        }
    }

    pub(super) fn label(&self, key: &str) -> String {
        format!("{} {key}", self.title)
    }
}

/// `an integer`, `a string`.
fn article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// The problem that `bad` is, of what is called `label`.
pub(super) fn complaint(label: &str, at: Place, bad: &Bad, expected: &str) -> Problem {
    Problem::error(at, format!("{label}: {}", bad.message))
        .expected(format!("expected {expected}"))
        .hint(bad.hint.clone())
}

/// One value; `None` after a complaint.
pub(super) fn read<T>(
    label: &str,
    value: &Spanned<DeValue<'_>>,
    kind: &Kind<T>,
    found: &mut Findings<'_>,
) -> Option<Given<T>> {
    let text = written(value.get_ref(), kind.form);
    match text.and_then(|text| (kind.parse)(&text)) {
        Ok(parsed) => Some(Given { value: parsed, at: value.span().into() }),
        Err(bad) => {
            found.push(complaint(label, value.span().into(), &bad, &kind.expected));
            None
        }
    }
}

/// The good elements of a list.
pub(super) fn list<T>(
    label: &str,
    value: &Spanned<DeValue<'_>>,
    kind: &Kind<T>,
    found: &mut Findings<'_>,
) -> Vec<Given<T>> {
    let Some(array) = value.get_ref().as_array() else {
        let problem = Problem::error(value.span(), format!("{label}: this is {}", article(value.get_ref().type_str())));
        found.push(problem.expected("expected a list in square brackets: [\"...\", \"...\"]"));
        return vec![];
    };
    array.iter().filter_map(|element| read(label, element, kind, found)).collect()
}

/// The text of a value of the right form.
fn written<'v>(value: &'v DeValue<'_>, form: Form) -> Result<Cow<'v, str>, Bad> {
    match (form, value) {
        (Form::Text, DeValue::String(text)) => Ok(Cow::Borrowed(text)),
        (Form::Number, DeValue::Integer(n)) => i64::from_str_radix(n.as_str(), n.radix())
            .map(|n| Cow::Owned(n.to_string()))
            .map_err(|_| Bad::new("the number is too large")),
        (Form::Fraction, DeValue::Integer(n)) => Ok(Cow::Borrowed(n.as_str())),
        (Form::Fraction, DeValue::Float(n)) => Ok(Cow::Borrowed(n.as_str())),
        (Form::Switch, DeValue::Boolean(b)) => Ok(Cow::Borrowed(if *b { "true" } else { "false" })),
        (Form::Text, DeValue::Array(_) | DeValue::Table(_)) => {
            Err(Bad::new(format!("this is {}", article(value.type_str()))))
        }
        (Form::Text, _) => {
            Err(Bad::new(format!("this is {}", article(value.type_str()))).hint("write it in quotes".to_owned()))
        }
        (Form::Number | Form::Fraction, DeValue::String(text)) if text.trim().parse::<f64>().is_ok() => {
            Err(Bad::new("this is text").hint(format!("write {} without quotes", text.trim())))
        }
        (Form::Switch, DeValue::String(_)) => {
            Err(Bad::new("this is text").hint("write true or false, without quotes".to_owned()))
        }
        (_, DeValue::String(_)) => Err(Bad::new("this is text")),
        _ => Err(Bad::new(format!("this is {}", article(value.type_str())))),
    }
}
