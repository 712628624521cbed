//! Copies are told from look-alikes: on a labelled set, without any store.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

mod labelled;

use labelled::{
    score::{join, score},
    set,
};

#[test]
fn copies_join_and_look_alikes_do_not() {
    for seed in [1, 2, 3] {
        let articles = set(200, 1000, seed);
        let (precision, recall, kinds) = score(&articles, &join(&articles));
        println!(
            "seed {seed}: precision {precision:.4}, recall {recall:.4} over pairs; (missed, wrong) by kinds: {kinds:#?}"
        );
        assert!(precision >= 0.995, "precision {precision:.4}: {kinds:#?}");
        assert!(recall >= 0.97, "recall {recall:.4}: {kinds:#?}");
    }
}
