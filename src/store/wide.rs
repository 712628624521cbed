//! Statements over many rows: a text for one row, `values ($1, …)`, stands for as many as are given at once.
//!
//! JSON would do for any number, and takes the database longer to take apart than to write. Only a few numbers of rows are
//! used, so that few texts are prepared; rows that are missing to the next of them are null, and have no effect.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use sqlx::AssertSqlSafe;

/// Statements by the text for one row and their number of rows.
type Texts = HashMap<(&'static str, usize), Arc<str>>;

/// Numbers of rows that statements are made for.
const SIZES: [usize; 3] = [1, 8, 64];

/// `rows` in portions, each with the number of rows that its statement has.
pub(super) fn portions<T>(rows: &[T]) -> impl Iterator<Item = (usize, &[T])> {
    let largest = SIZES[SIZES.len() - 1];
    rows.chunks(largest).map(move |some| (*SIZES.iter().find(|n| **n >= some.len()).unwrap_or(&largest), some))
}

/// Those of a portion, and `empty` for what is missing to `rows`.
pub(super) fn padded<'a, T>(some: &'a [T], empty: &'a T, rows: usize) -> impl Iterator<Item = &'a T> {
    some.iter().chain(std::iter::repeat(empty)).take(rows)
}

/// `text`, which is for one row, for so many of them.
pub(super) fn statement(text: &'static str, rows: usize) -> AssertSqlSafe<Arc<str>> {
    /// Made once: they are long.
    static MADE: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let made = made.entry((text, rows)).or_insert_with(|| widened(text, rows).into());
    AssertSqlSafe(made.clone())
}

/// `text` with its one row, the first in parentheses after `values`, as often as there are rows, its parameters counted on.
/// Parameters that are not numbered stay so: in SQLite, each that has a name is found by looking through all of them.
fn widened(text: &str, rows: usize) -> String {
    const BEFORE: &str = "values (";
    let Some((before, rest)) = text.split_once(BEFORE) else { return text.into() };
    let Some((row, after)) = rest.split_once(')') else { return text.into() };
    let mut parts = row.split('$');
    let first = parts.next().unwrap_or_default();
    let columns: Vec<&str> = parts.map(|c| c.trim_start_matches(|c: char| c.is_ascii_digit())).collect();
    let mut out = format!("{before}{BEFORE}");
    for n in 0..rows {
        out += if n == 0 { "" } else { "), (" };
        out += first;
        for (m, column) in columns.iter().enumerate() {
            let _ = write!(out, "${}{column}", n * columns.len() + m + 1);
        }
    }
    out + ")" + after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_repeated_and_its_parameters_are_counted_on() {
        let text = "with v (a, b) as (values ($1::bigint, $2)) update t set b = v.b from v where t.a = v.a";
        assert_eq!(widened(text, 1), text);
        let three = "with v (a, b) as (values ($1::bigint, $2), ($3::bigint, $4), ($5::bigint, $6)) update t set b = v.b \
                     from v where t.a = v.a";
        assert_eq!(widened(text, 3), three);
        assert_eq!(widened("insert into t values (?, ?)", 2), "insert into t values (?, ?), (?, ?)");
    }

    #[test]
    fn portions_are_as_large_as_statements_and_lose_nothing() {
        let rows: Vec<usize> = (1..150).collect();
        for n in 0..rows.len() {
            let all: Vec<Vec<&usize>> =
                portions(&rows[..n]).map(|(rows, some)| padded(some, &0, rows).collect::<Vec<_>>()).collect();
            assert!(all.iter().all(|some| SIZES.contains(&some.len())));
            assert!(all.concat().into_iter().filter(|row| **row > 0).eq(&rows[..n]));
        }
    }
}
