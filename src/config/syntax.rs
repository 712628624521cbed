//! What the TOML parser could not read, in the same words as everything else.

use std::{collections::BTreeSet, ops::Range};

use super::report::{Place, Problem, Severity};

/// `found` and the `errors` of the parser. A file that does not parse is still read as far as it goes, but what depends on
/// all of it may only seem wrong, and what stands in a broken line is not what was written: neither is reported.
pub(super) fn join(text: &str, found: Vec<Problem>, errors: &[toml::de::Error]) -> Vec<Problem> {
    if errors.is_empty() {
        return found;
    }
    let mut errors: Vec<(Range<usize>, &str)> = errors.iter().map(|e| (place(text, e), e.message())).collect();
    errors.sort_by_key(|(at, _)| at.start);
    // The parser took all that follows an unclosed bracket for more elements: one complaint, where they should have ended.
    let unclosed =
        errors.iter().find(|(_, m)| m.starts_with("unclosed inline") || m.starts_with("unclosed array")).cloned();
    let first = errors.iter().find(|(_, message)| follows(message)).map(|(at, _)| before(text, at.start));
    if let (Some((end, message)), Some(at)) = (unclosed, first) {
        errors.retain(|(at, m)| !follows(m) && *at != end);
        errors.push((at, message));
    }
    let line_ends: Vec<usize> = text.match_indices('\n').map(|(i, _)| i).collect();
    let line = |at: usize| line_ends.partition_point(|end| *end < at);
    let (mut lines, mut problems) = (BTreeSet::new(), vec![]);
    for (at, message) in errors {
        // One slip often confuses the parser for the rest of the line: its first complaint is the useful one.
        if lines.insert(line(at.start)) {
            problems.push(problem(at, message));
        }
    }
    let broken = |p: &Problem| matches!(&p.at, Place::File { start, .. } if lines.contains(&line(*start)));
    let sound = |p: &Problem| !p.needs_whole_file && p.severity == Severity::Error && !broken(p);
    problems.extend(found.into_iter().filter(sound));
    problems
}

/// Whether `message` is what the parser says when it reads on in a list or table that should have ended.
fn follows(message: &str) -> bool {
    ["missing comma between", "missing key for inline table", "unexpected `=` in array"]
        .iter()
        .any(|m| message.starts_with(m))
}

/// Where `error` is; without a place, at the end.
fn place(text: &str, error: &toml::de::Error) -> Range<usize> {
    error.span().unwrap_or(text.len()..text.len())
}

/// The last thing written before `at`.
fn before(text: &str, at: usize) -> Range<usize> {
    let end = text.get(..at).map_or(at, |t| t.trim_end().len());
    end..end
}

/// `message` without what was expected.
fn message_of(message: &str) -> &str {
    message.split_once(", expected ").map_or(message, |(what, _)| what)
}

fn problem(at: Range<usize>, message: &str) -> Problem {
    let what = message_of(message);
    let (what, expected) = match what {
        "string values must be quoted" => ("text must stand in quotes", "expected \"...\"".to_owned()),
        "invalid basic string" if message.ends_with("expected `\"`") => {
            ("the text does not end", "expected a closing `\"`".into())
        }
        "invalid literal string" if message.ends_with("expected `'`") => {
            ("the text does not end", "expected a closing `'`".into())
        }
        "duplicate key" => ("this key is set twice", "expected it once".into()),
        _ => (what, message[what.len()..].trim_start_matches(", ").to_owned()),
    };
    let problem = Problem::error(at, format!("not TOML: {what}"));
    Problem { expected: Some(expected).filter(|e| !e.is_empty()), ..problem }
}
