//! How many hosts are whose, when several daemons are at work on one database.
//!
//! Each says that it is there, and counts the others. Whoever has more than its share gives hosts back at the next visit's end,
//! and takes none until it has less; whoever has less finds them free. Nobody asks anybody, and who dies is counted no longer
//! once its word has run out.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The most hosts that one daemon should have of `wanted`, when they can have `lanes_max` each: as equal as can be, those that
/// can have less being full.
pub(super) fn share(lanes_max: &[usize], wanted: usize) -> usize {
    let mut sorted = lanes_max.to_vec();
    sorted.sort_unstable();
    let (mut left, mut full) = (wanted, 0);
    for (n, most) in sorted.iter().enumerate() {
        let others = sorted.len() - n;
        let each = left.div_ceil(others);
        if each <= *most {
            return each;
        }
        left -= most;
        full = *most;
    }
    full
}

/// How many lanes are to end early, asked for by the frontier and taken up by whichever lane comes to a visit's end first.
#[derive(Debug, Default)]
pub(super) struct Handover {
    wanted: AtomicUsize,
    /// Lanes that have taken it up and are not at their end yet.
    leaving: AtomicUsize,
}

impl Handover {
    /// Asks for so many of the lanes that run to end.
    pub(super) fn ask(&self, lanes: usize) {
        self.wanted.store(lanes.saturating_sub(self.leaving.load(Ordering::Relaxed)), Ordering::Relaxed);
    }

    /// Whether the lane that asks is to end now; then it says so by [`Handover::left`] when it has.
    pub(super) fn take_up(&self) -> bool {
        let taken = self.wanted.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok();
        self.leaving.fetch_add(taken.into(), Ordering::Relaxed);
        taken
    }

    /// A lane that took it up is at its end.
    pub(super) fn left(&self) {
        let _ = self.leaving.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_shares_but_for_those_that_can_have_less() {
        assert_eq!(share(&[64], 10), 10);
        assert_eq!(share(&[64], 100), 64);
        assert_eq!(share(&[64, 64], 5), 3);
        assert_eq!(share(&[2, 64], 10), 8);
        assert_eq!(share(&[64, 2, 3], 100), 64);
        assert_eq!((share(&[], 5), share(&[4, 4], 0)), (0, 0));
    }

    #[test]
    fn as_many_lanes_end_as_are_asked_for_and_none_twice() {
        let handover = Handover::default();
        assert!(!handover.take_up());
        handover.ask(2);
        assert!(handover.take_up());
        handover.ask(2); // asked again before that lane has ended
        assert!(handover.take_up());
        assert!(!handover.take_up());
        handover.left();
        handover.ask(1);
        assert!(!handover.take_up(), "the other one is still on its way");
        handover.left();
        handover.ask(0);
        assert!(!handover.take_up());
    }

    proptest! {
        #[test]
        fn everything_wanted_finds_a_daemon_if_there_is_room(
            lanes in proptest::collection::vec(0_usize..50, 1..6),
            wanted in 0_usize..200,
        ) {
            let each = share(&lanes, wanted);
            let room: usize = lanes.iter().sum();
            let had = |each: usize| lanes.iter().map(|most| each.min(*most)).sum::<usize>();
            prop_assert!(had(each) >= wanted.min(room));
            prop_assert!(each == 0 || had(each - 1) < wanted, "nobody has more than needed");
        }
    }
}
