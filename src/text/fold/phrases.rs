//! Words of one region, or left by machine conversion, made one.

use std::{collections::BTreeMap, sync::LazyLock};

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};

use super::{runs::Runs, table::TABLE};

/// `variant<TAB>canonical`, or one word that is protected; described in its own head.
const PHRASES: &str = include_str!("phrases.txt");

/// Rounds of replacement until nothing is left to replace: what replaced one variant may complete another with its
/// neighbour. Texts that need more than two are made for it.
const ROUNDS_MAX: usize = 8;

/// The variants as an automaton, and what each becomes.
pub(super) struct Phrases {
    /// `None` when the data file is refused, which a test rules out.
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    /// By number of the variant; `None` when it is protected.
    canonical: Vec<Option<String>>,
}

impl std::fmt::Debug for Phrases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Phrases").field("variants", &self.canonical.len()).finish_non_exhaustive()
    }
}

/// The one set of phrases, built at first use.
pub(super) static PHRASE_SET: LazyLock<Phrases> = LazyLock::new(Phrases::build);

/// The lines of the data file, folded by character: variant and canonical, `None` when it is protected.
pub(super) fn pairs() -> impl Iterator<Item = (String, Option<String>)> {
    let fold = |s: &str| s.chars().map(|c| TABLE.cell(c).char()).collect::<String>();
    let lines = PHRASES.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(move |line| match line.split_once('\t') {
        Some((variant, canonical)) => (fold(variant), Some(fold(canonical))),
        None => (fold(line), None),
    })
}

impl Phrases {
    fn build() -> Self {
        let mut all: BTreeMap<String, Option<String>> = pairs().filter_map(|(_, c)| Some((c?, None))).collect();
        all.extend(pairs());
        Self::new(all)
    }

    /// Folded variants, each with what it becomes; `None`: it is protected.
    pub(super) fn new(all: BTreeMap<String, Option<String>>) -> Self {
        let (variants, canonical): (Vec<String>, Vec<Option<String>>) = all.into_iter().unzip();
        let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new().match_kind(MatchKind::LeftmostLongest);
        Self { automaton: automaton.build(variants).ok(), canonical }
    }

    #[cfg(test)]
    pub(super) fn is_built(&self) -> bool {
        self.automaton.is_some()
    }

    /// `text` with every variant replaced, and its runs.
    pub(super) fn replace(&self, mut text: String, mut runs: Runs) -> (String, Runs) {
        for _ in 0..ROUNDS_MAX {
            match self.replaced(&text, &runs) {
                Some(next) => (text, runs) = next,
                None => break,
            }
        }
        (text, runs)
    }

    /// `None` when there is nothing to replace.
    fn replaced(&self, text: &str, runs: &Runs) -> Option<(String, Runs)> {
        let mut out = String::new();
        let (mut out_runs, mut cursor, mut done) = (Runs::default(), 0, 0);
        for found in self.automaton.as_ref()?.leftmost_find_iter(text) {
            let Some(Some(canonical)) = self.canonical.get(found.value() as usize) else { continue };
            if done == 0 {
                out.reserve(text.len() + text.len() / 16);
            }
            out_runs.copy(out.len(), runs, done..found.start(), &mut cursor);
            out.push_str(&text[done..found.start()]);
            out_runs.whole(out.len(), runs.original(found.start()..found.end()));
            out.push_str(canonical);
            done = found.end();
        }
        if done == 0 {
            return None;
        }
        out_runs.copy(out.len(), runs, done..text.len(), &mut cursor);
        out.push_str(&text[done..]);
        Some((out, out_runs))
    }
}
