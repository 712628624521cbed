//! `[aliases]` and `[[topics]]`: what is watched. What a query means is for [`crate::topic`] to say; where it is wrong is
//! shown here, in the file.

use std::ops::Range;

use toml::{Spanned, de::DeValue};

use crate::text::Words;
use crate::topic::{self, Aliases, QueryError, Spec, Topics, Vocabulary};

use super::{
    kinds::{self, Kind},
    quoted,
    reader::{Findings, Given, Table, list},
    report::{Place, Problem},
    sources::{Seen, titled, unique_id},
};

/// Names of feeds and fields that a topic would hide.
const RESERVED: [&str; 3] = ["all", "incidents", "source"];
/// Bytes of a query, or of an alternative of an alias.
const QUERY_BYTES_MAX: usize = 64 * 1024;

/// Text that is kept as written: what stands in it is looked up in the file by place.
fn verbatim(expected: &str) -> Kind<String> {
    Kind::text(expected, |s| match s.len() {
        _ if s.trim().is_empty() => Err(kinds::Bad::new("it is empty")),
        n if n > QUERY_BYTES_MAX => Err(kinds::Bad::new(format!("it is longer than {QUERY_BYTES_MAX} bytes"))),
        _ => Ok(s.to_owned()),
    })
}

/// `[aliases]`: each a name and its alternatives, on top of the packs that ship with the program.
pub(super) fn aliases(root: &mut Table<'_>, text: &str, found: &mut Findings<'_>) -> Aliases {
    let mut aliases = topic::packs().clone();
    let Some(value) = root.take("aliases") else { return aliases };
    let table = Table::at("[aliases]".into(), value, found);
    for (name, value) in table.entries() {
        let (label, word) = (table.label(name.get_ref()), name.get_ref().to_string());
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        if word.is_empty() || word.chars().count() > 64 || !word.chars().all(fits) {
            let problem = Problem::error(name.span(), format!("{label}: a query could not name this alias"));
            found.push(problem.expected("expected 1 to 64 letters, digits, - or _"));
        }
        let mut alternatives = list(&label, value, &verbatim("a word, a phrase or a prefix*, in quotes"), found);
        if value.get_ref().as_array().is_some_and(|a| a.is_empty()) {
            let problem = Problem::error(value.span(), format!("{label}: it has no alternatives"));
            found.push(problem.expected("expected at least one word"));
        }
        let mut written = vec![];
        for given in alternatives.drain(..) {
            match alternative(&given.value) {
                Ok(words) => written.extend(words),
                Err(error) => found.push(query_problem(&label, text, &given, &error)),
            }
        }
        let mut alternatives = written;
        if alternatives.is_empty() {
            // The alias is to blame, not every query that names it.
            alternatives.push("x".into());
        }
        aliases.insert(word, alternatives);
    }
    aliases
}

/// The alternatives that one stands for: itself, or those of the pack that it names.
fn alternative(written: &str) -> Result<Vec<String>, QueryError> {
    let Some(pack) = written.trim().strip_prefix('@') else {
        return topic::check_alias(written).map(|()| vec![written.to_owned()]);
    };
    topic::packs().get(pack).cloned().ok_or_else(|| {
        let known = topic::packs().keys().map(|name| format!("@{name}")).collect::<Vec<_>>().join(", ");
        QueryError {
            at: 0..written.len(),
            message: format!("no words that ship with the program are called `@{pack}`"),
            hint: Some(format!("an alias can take in {known}, and no other alias")),
        }
    })
}

/// `[folding] same`: lists of Han words that are one.
pub(super) fn same(root: &mut Table<'_>, found: &mut Findings<'_>) -> Vec<Vec<String>> {
    let mut table = root.section("folding", found);
    let (mut lists, mut places) = (vec![], vec![]);
    if let Some(value) = table.take("same") {
        let label = table.label("same");
        let rows = value.get_ref().as_array();
        if rows.is_none() {
            let problem = Problem::error(value.span(), format!("{label}: it is no list"));
            found.push(problem.expected("expected lists of words: [[\"晶圆代工\", \"芯片代工\"]]"));
        }
        for row in rows.into_iter().flatten() {
            let words = list(&label, row, &kinds::words(100), found);
            if row.get_ref().as_array().is_none() {
                continue;
            }
            places.push((row.span(), words.iter().map(|given| given.at.clone()).collect::<Vec<_>>()));
            lists.push(words.into_iter().map(|given| given.value).collect());
        }
    }
    table.finish(found);
    let wrong = Words::new(&lists).err().unwrap_or_default();
    if !wrong.is_empty() {
        // So that what is wrong with queries is shown as well.
        lists.clear();
    }
    for wrong in wrong {
        let Some((row, words)) = places.get(wrong.list) else { continue };
        let at = wrong.word.and_then(|w| words.get(w).cloned()).unwrap_or_else(|| row.clone().into());
        found.push(Problem::error(at, format!("[folding] same: {}", wrong.reason)).expected("here"));
    }
    lists
}

/// All topics that are right; their queries are compiled once to find what is wrong with them.
pub(super) fn topics(root: &mut Table<'_>, text: &str, vocabulary: &Vocabulary, found: &mut Findings<'_>) -> Vec<Spec> {
    let (mut specs, mut queries, mut ids) = (vec![], vec![], Seen::new());
    for (i, value) in root.tables("topics", found).iter().enumerate() {
        if let Some((spec, query)) = topic(titled("topic", i, value.get_ref()), value, &mut ids, found) {
            specs.push(spec);
            queries.push(query);
        }
    }
    if let Err(errors) = Topics::compile(&specs, vocabulary) {
        for (index, error) in errors {
            let Some((label, query)) = queries.get(index) else { continue };
            found.push(query_problem(label, text, query, &error));
        }
    }
    specs
}

/// One topic; also its query, with what to call it.
fn topic(
    title: String,
    value: &Spanned<DeValue<'_>>,
    ids: &mut Seen,
    found: &mut Findings<'_>,
) -> Option<(Spec, (String, Given<String>))> {
    let mut table = Table::at(title, value, found);
    let id = unique_id(&mut table, ids, found);
    if let Some(id) = id.as_ref().filter(|id| RESERVED.contains(&id.value.as_str())) {
        let problem = Problem::error(id.at.clone(), format!("{}: this id is taken by the program", table.title));
        found.push(problem.expected(format!("expected another id than {}", RESERVED.join(", "))));
    }
    let title = table.scalar("title", &kinds::words(200), found);
    table.require("query", "query = 'chip AND \"export control\"'", found);
    let query = table.scalar("query", &verbatim("a query such as 'chip AND \"export control\"'"), found);
    let label = table.label("query");
    let threshold = table.scalar("threshold", &kinds::share(0.0, 100_000.0), found);
    table.finish(found);
    // A query is compiled even if its topic has no usable id, so that all mistakes are shown at once.
    let query = query?;
    let id = id.map(|id| id.value).unwrap_or_default();
    let title = title.map_or_else(|| id.clone(), |title| title.value);
    let threshold = threshold.map_or(0.0, |given| given.value);
    Some((Spec { id, title, query: query.value.clone(), threshold }, (label, query)))
}

/// `error` shown inside the string of `given`.
fn query_problem(label: &str, text: &str, given: &Given<String>, error: &QueryError) -> Problem {
    let at = match &given.at {
        Place::File { start, end } => inside(text, *start..*end, &given.value, &error.at).into(),
        other => other.clone(),
    };
    Problem::error(at, format!("{label}: {}", error.message))
        .expected("here")
        .hint(error.hint.clone())
        .needs_whole_file()
}

fn inside(text: &str, span: Range<usize>, value: &str, at: &Range<usize>) -> Range<usize> {
    match text.get(span.clone()) {
        Some(raw) => quoted::locate(raw, span.start, value, at),
        None => span,
    }
}

#[cfg(test)]
mod tests {
    use super::{Given, QueryError, query_problem};
    use crate::config::report::{Errors, Report};

    /// The query in `text`, wrong at `bad`, as it is shown.
    #[track_caller]
    fn shown(text: &str, value: &str, bad: &str) -> String {
        let (start, at) = (text.find(['\'', '"']).unwrap(), value.find(bad).unwrap());
        let given = Given { value: value.into(), at: (start..text.trim_end().len()).into() };
        let error = QueryError { at: at..at + bad.len(), message: "not clear".into(), hint: Some("say it".into()) };
        let problem = query_problem("topic a query", text, &given, &error);
        Errors(Report::new("config.toml", text.into(), vec![problem], [].into())).to_string()
    }

    #[test]
    fn a_bad_query_is_shown_where_it_is_bad() {
        let plain = shown("query = '芯片 AND (出口管制 AND) x'\n", "芯片 AND (出口管制 AND) x", "AND)");
        let escaped = shown("query = \"\\\"芯片\\\" 管制~x\"\n", "\"芯片\" 管制~x", "管制~x");
        let lines = shown("query = \'\'\'\n@chip AND\n  oops:x\n\'\'\'\n", "@chip AND\n  oops:x\n", "oops:");
        insta::assert_snapshot!([plain, escaped, lines].join("\n---\n"));
    }
}
