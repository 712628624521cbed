//! What the TOML parser could not read, in the same words as everything else.

use std::ops::Range;

use super::report::{Place, Problem, Severity};

/// `found` and the `errors` of the parser. A file that does not parse is still read as far as it goes, but what is said to
/// be missing may only have been lost, and what stands in a broken line is not what was written: neither is reported.
pub(super) fn join(text: &str, found: Vec<Problem>, errors: &[toml::de::Error]) -> Vec<Problem> {
    if errors.is_empty() {
        return found;
    }
    let mut problems: Vec<Problem> = vec![];
    for error in errors {
        let problem = problem(text, error);
        // One slip often confuses the parser for the rest of the line: its first complaint is the useful one.
        if !problems.iter().any(|p| same_line(text, &p.at, &problem.at)) {
            problems.push(problem);
        }
    }
    let sound = |p: &Problem| !p.about_absence && p.severity == Severity::Error;
    let found = found.into_iter().filter(|p| sound(p) && !problems.iter().any(|s| same_line(text, &s.at, &p.at)));
    let found: Vec<Problem> = found.collect();
    problems.extend(found);
    problems
}

fn problem(text: &str, error: &toml::de::Error) -> Problem {
    let at: Range<usize> = error.span().unwrap_or(text.len()..text.len());
    let (what, expected) = match error.message().split_once(", expected ") {
        Some((what, expected)) => (what, Some(format!("expected {expected}"))),
        None => (error.message(), None),
    };
    let problem = Problem::error(at, format!("not TOML: {what}"));
    Problem { expected, ..problem }
}

fn same_line(text: &str, a: &Place, b: &Place) -> bool {
    let (Place::File { start: a, .. }, Place::File { start: b, .. }) = (a, b) else { return false };
    let (low, high) = (*a.min(b), *a.max(b));
    text.get(low..high).is_none_or(|between| !between.contains('\n'))
}
