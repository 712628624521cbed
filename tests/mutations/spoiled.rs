//! Documents of every kind, spoiled at random.

use proptest::{prelude::*, sample::Index};
use tidings::{config::presets, extract, model::Recipe, model::SourceKind, text::date};

use super::{
    article, decoded,
    documents::{DOCUMENTS, TOKENS},
    listing, now, source,
};

/// Characters of a piece that is read as a date.
const DATE_CHARS: usize = 40;

/// One thing done to a document.
#[derive(Clone, Debug)]
enum Spoil {
    /// Other bits at a place.
    Flip(Index, u8),
    /// A range taken out.
    Drop(Index, Index),
    /// A range put in again elsewhere.
    Repeat(Index, Index, Index),
    /// A token put in.
    Insert(Index, Index),
    /// The rest of another document put in the place of the rest of this.
    Splice(Index, Index, Index),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(a, b)| Spoil::Flip(a, b)),
        (at(), at()).prop_map(|(a, b)| Spoil::Drop(a, b)),
        (at(), at(), at()).prop_map(|(a, b, c)| Spoil::Repeat(a, b, c)),
        (at(), at()).prop_map(|(a, b)| Spoil::Insert(a, b)),
        (at(), at()).prop_map(|(a, b)| Spoil::Insert(a, b)),
        (at(), at(), at()).prop_map(|(a, b, c)| Spoil::Splice(a, b, c)),
    ]
}

/// `bytes` with `spoil` done to them.
fn spoiled(bytes: &mut Vec<u8>, spoil: &Spoil) {
    let place = |at: &Index, len: usize| at.index(len + 1);
    let range = |a: &Index, b: &Index, len: usize| {
        let (a, b) = (place(a, len), place(b, len));
        // Most of a document is to be left.
        a.min(b)..a.max(b).min(a.min(b) + len / 4)
    };
    let len = bytes.len();
    match spoil {
        Spoil::Flip(at, bits) if len > 0 => bytes[at.index(len)] ^= bits,
        Spoil::Flip(..) => {}
        Spoil::Drop(a, b) => drop(bytes.drain(range(a, b, len))),
        Spoil::Repeat(a, b, to) => {
            let piece = bytes[range(a, b, len)].to_vec();
            let to = place(to, len);
            bytes.splice(to..to, piece);
        }
        Spoil::Insert(token, to) => {
            let to = place(to, len);
            bytes.splice(to..to, token.get(TOKENS).bytes());
        }
        Spoil::Splice(other, from, to) => {
            let other = other.get(DOCUMENTS).as_bytes();
            bytes.truncate(place(to, len));
            bytes.extend_from_slice(&other[place(from, other.len())..]);
        }
    }
}

fn read_every_way(bytes: &[u8]) {
    let text = decoded(bytes);
    let discuz = presets::get("discuz").unwrap();
    for (recipe, kind) in
        [(Recipe::default(), SourceKind::Auto), (Recipe::default(), SourceKind::Feed), (discuz, SourceKind::Portal)]
    {
        let source = source(recipe, kind);
        for entry in listing(&text, &source).into_iter().flat_map(|l| l.entries) {
            let _ = extract::from_entry(&entry, &source);
        }
        if kind != SourceKind::Feed {
            let _ = article(&text, &source);
        }
    }
}

fn date_every_way(bytes: &[u8]) {
    let text = decoded(bytes);
    let _ = date::find(&text, chrono_tz::Asia::Shanghai, now());
    let chars: Vec<char> = text.chars().collect();
    for piece in chars.chunks(DATE_CHARS) {
        let piece: String = piece.iter().collect();
        let _ = (
            date::parse(&piece, chrono_tz::Asia::Taipei, now()),
            date::parse(&piece, chrono_tz::America::New_York, now()),
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spoiled_documents_are_read_or_refused(
        document in any::<Index>(),
        spoils in proptest::collection::vec(spoil(), 1..8),
    ) {
        let mut bytes = document.get(DOCUMENTS).as_bytes().to_vec();
        spoils.iter().for_each(|s| spoiled(&mut bytes, s));
        read_every_way(&bytes);
        date_every_way(&bytes);
    }

    #[test]
    fn spoiled_documents_in_gbk_are_read_or_refused(
        document in any::<Index>(),
        spoils in proptest::collection::vec(spoil(), 1..4),
    ) {
        let text = document.get(DOCUMENTS).replace("utf-8", "gbk");
        let mut bytes = encoding_rs::GBK.encode(&text).0.into_owned();
        spoils.iter().for_each(|s| spoiled(&mut bytes, s));
        read_every_way(&bytes);
    }
}

/// Cut at every byte.
#[test]
fn documents_cut_anywhere_are_read_or_refused() {
    let source = source(Recipe::default(), SourceKind::Auto);
    for document in DOCUMENTS {
        for to in (0..document.len()).step_by(3) {
            let text = decoded(&document.as_bytes()[..to]);
            let _ = (listing(&text, &source), article(&text, &source));
        }
    }
}

/// Sound, they say what they are made to say.
#[test]
fn the_documents_are_sound() {
    let source = source(Recipe::default(), SourceKind::Auto);
    let entries: Vec<_> = DOCUMENTS.iter().map(|d| listing(d, &source).map(|l| l.entries.len())).collect();
    assert_eq!(entries[..7], [Some(2), Some(2), Some(1), Some(2), Some(2), Some(0), Some(4)]);
    assert!(DOCUMENTS.iter().any(|d| article(d, &source).is_some()));
}
