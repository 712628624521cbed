//! The way back from folded to original bytes.

use std::ops::Range;

/// A stretch of folded text up to the next run, and where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// First byte of the folded stretch.
    folded: u32,
    /// First byte of the original stretch.
    original: u32,
    /// Bytes of the original stretch; 0 when the characters of both stretches are as long as each other, one by one.
    whole: u32,
}

/// Where each byte of a folded text came from: one run per stretch of characters that kept their length, about one per
/// punctuation mark of Chinese prose.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    runs: Vec<Run>,
    /// Where the next character must begin in both texts to continue the last run.
    next: (usize, usize),
}

/// Texts are capped far below this, see `TEXT_BYTES_MAX`.
fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Runs {
    /// `bytes` of folded text at `folded` are as long as the original at `original`, character by character.
    #[inline]
    pub(super) fn same(&mut self, folded: usize, original: usize, bytes: usize) {
        if self.next != (folded, original) || self.runs.is_empty() {
            self.runs.push(Run { folded: narrow(folded), original: narrow(original), whole: 0 });
        }
        self.next = (folded + bytes, original + bytes);
    }

    /// All that follows from `folded` on, up to the next run, came from `original` and cannot be taken apart.
    #[inline]
    pub(super) fn whole(&mut self, folded: usize, original: Range<usize>) {
        let whole = narrow(original.len().max(1));
        self.runs.push(Run { folded: narrow(folded), original: narrow(original.start), whole });
        self.next = (usize::MAX, usize::MAX);
    }

    /// Appends what `other` says of its folded bytes `range`, which now stand at `folded`; `cursor` is the first run of
    /// `other` that may reach into the range, and is moved along.
    pub(super) fn copy(&mut self, folded: usize, other: &Self, range: Range<usize>, cursor: &mut usize) {
        let runs = &other.runs;
        while runs.get(*cursor + 1).is_some_and(|next| next.folded as usize <= range.start) {
            *cursor += 1;
        }
        for (at, run) in runs.iter().enumerate().skip(*cursor) {
            let from = range.start.max(run.folded as usize);
            if from >= range.end {
                break;
            }
            let to = runs.get(at + 1).map_or(range.end, |next| range.end.min(next.folded as usize));
            let original = run.original as usize;
            match run.whole as usize {
                0 => self.same(folded + from - range.start, original + from - run.folded as usize, to - from),
                whole => self.whole(folded + from - range.start, original..original + whole),
            }
        }
    }

    /// The original bytes of the folded bytes `range`, which is not empty.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        let start = self.run_at(range.start).map_or(0, |run| match run.whole {
            0 => run.original as usize + range.start - run.folded as usize,
            _ => run.original as usize,
        });
        let end = self.run_at(range.end - 1).map_or(0, |run| match run.whole {
            0 => run.original as usize + range.end - run.folded as usize,
            whole => (run.original + whole) as usize,
        });
        start..end.max(start)
    }

    /// The run that the folded byte `at` lies in.
    fn run_at(&self, at: usize) -> Option<Run> {
        let after = self.runs.partition_point(|run| run.folded as usize <= at);
        after.checked_sub(1).and_then(|i| self.runs.get(i)).copied()
    }
}
