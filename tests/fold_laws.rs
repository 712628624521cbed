//! What folding and fingerprints promise of whole texts: that renderings of one text are one.

use opencc_fmmseg::OpenCC;
use proptest::prelude::*;
use std::sync::LazyLock;
use tidings::fingerprint::digest;
use tidings::text::fold;

/// Invented news, one paragraph a line, in Simplified Chinese.
const NEWS: &str = include_str!("corpus/news.txt");
/// More of them, as JSON a line, those in Simplified among others.
const MORE: [&str; 2] = [include_str!("headlines/headlines.jsonl"), include_str!("headlines/articles.jsonl")];
/// Share of characters that must fold alike after a conversion.
const SHARE_MIN: f64 = 0.999;

static CONVERTER: LazyLock<OpenCC> = LazyLock::new(OpenCC::new);

/// Characters, and those of them that two folded texts have in common: the longest common subsequence.
fn common(a: &str, b: &str) -> (usize, usize) {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row = vec![0; b.len() + 1];
    for x in &a {
        let mut diagonal = 0;
        for (i, y) in b.iter().enumerate() {
            let above = row[i + 1];
            row[i + 1] = if x == y { diagonal + 1 } else { above.max(row[i]) };
            diagonal = above;
        }
    }
    (a.len().max(b.len()), row[b.len()])
}

/// Every paragraph in Simplified.
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]
fn news() -> Vec<String> {
    let more =
        MORE.iter().flat_map(|text| text.lines()).map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let simplified = more.filter(|item| item["script"] == "hans");
    let texts = simplified.flat_map(|item| ["title", "opening"].map(|part| item[part].as_str().unwrap().to_owned()));
    NEWS.lines().map(str::to_owned).chain(texts).collect()
}

/// The share of characters that fold alike in both renderings, and the paragraphs that do not.
fn share(config: &str, base: impl Fn(&str) -> String) -> (f64, String) {
    let (mut all, mut equal, mut unlike) = (0, 0, String::new());
    for line in news() {
        let base = base(&line);
        let (a, b) = (fold(&base), fold(&CONVERTER.convert(&base, config, true)));
        let (n, same) = common(a.as_str(), b.as_str());
        all += n;
        equal += same;
        if n != same {
            unlike.push_str(&format!("\n{config}: {}\n{config}: {}", a.as_str(), b.as_str()));
        }
    }
    (f64::from(equal as u32) / f64::from(all as u32), unlike)
}

#[test]
fn conversions_fold_alike() {
    assert!(news().len() >= 200);
    for (config, least) in [
        ("s2t", SHARE_MIN),
        ("s2tw", SHARE_MIN),
        ("s2hk", SHARE_MIN),
        ("t2s", SHARE_MIN),
        ("s2twp", SHARE_MIN),
        ("s2hkp", SHARE_MIN),
    ] {
        let (rate, unlike) = share(config, str::to_owned);
        println!("{config}: {:.3} %", rate * 100.0);
        assert!(rate >= least, "{config}: {:.3} % of characters fold alike{unlike}", rate * 100.0);
    }
    for config in ["t2s", "t2tw", "t2hk", "tw2s", "hk2s"] {
        let (rate, unlike) = share(config, |s| CONVERTER.convert(s, "s2t", true));
        println!("{config} of Traditional: {:.3} %", rate * 100.0);
        assert!(rate >= SHARE_MIN, "{config}: {:.3} % of characters fold alike{unlike}", rate * 100.0);
    }
}

#[test]
fn digests_survive_a_change_of_script() {
    let unlike = |config: &str| {
        let of = |line: &str| digest("", &CONVERTER.convert(line, config, true)) != digest("", line);
        NEWS.lines().filter(|line| of(line)).count()
    };
    for config in ["s2t", "s2tw", "s2hk", "t2s"] {
        assert_eq!(unlike(config), 0, "paragraphs with another digest after {config}");
    }
}

#[test]
fn folding_is_pinned() {
    // Stored digests depend on every character and phrase. When this fails, by an edit of the data files or by a new
    // version of a dependency, count `fingerprint::VERSION` up and pin anew.
    let characters = ('!'..='\u{24F}').chain('\u{3041}'..='\u{30FE}').chain('\u{3400}'..='\u{9FEF}');
    let all: String = characters.chain('\u{20000}'..='\u{2A6D6}').collect();
    let phrases = include_str!("../src/text/fold/phrases.txt").lines().filter(|line| !line.starts_with('#'));
    let pinned = digest("", &phrases.fold(all, |all, line| all + "\n" + line)).to_string();
    assert_eq!(pinned, "027306882c9e97d7b50e82b9ad9f8c132b638708209c811741e957a0f21434b9fe");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wrapping_width_and_case_do_not_matter(line in line(), width in 1..40_usize, blank in "[ \\n\\r\\t\u{3000}\u{a0}\u{200b}]{1,3}") {
        let line = format!("{line} Mate 60 Pro ＡＢＣ");
        let chars: Vec<char> = line.chars().collect();
        let wrapped = chars.chunks(width).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>();
        for other in [rejoin(&wrapped, &blank), widened(&line), line.to_uppercase(), line.to_lowercase()] {
            prop_assert_eq!(fold(&line).into_string(), fold(&other).into_string());
            prop_assert_eq!(digest("a", &line), digest("a", &other));
        }
    }

    #[test]
    fn another_word_is_another_digest(line in line(), at in any::<proptest::sample::Index>(), word in "[甲乙丙丁戊己庚辛]{2}") {
        let cuts: Vec<usize> = line.char_indices().map(|(i, _)| i).collect();
        let cut = cuts[at.index(cuts.len())];
        let changed = format!("{}{word}{}", &line[..cut], &line[cut..]);
        prop_assert_ne!(digest("a", &line), digest("a", &changed));
        if line[cut..].chars().any(char::is_alphanumeric) {
            prop_assert_ne!(digest("a", &line), digest("a", &line[..cut]));
        }
    }
}

fn line() -> impl Strategy<Value = String> {
    proptest::sample::select(NEWS.lines().map(str::to_owned).collect::<Vec<_>>())
}

/// The pieces with `blank` between two of which one is Han at the seam.
fn rejoin(pieces: &[String], blank: &str) -> String {
    let mut out = String::new();
    for piece in pieces {
        let seam = [out.chars().last(), piece.chars().next()];
        if seam.iter().flatten().any(|c| tidings::text::is_han(*c)) {
            out.push_str(blank);
        }
        out.push_str(piece);
    }
    out
}

/// `s` with ASCII as full-width characters.
fn widened(s: &str) -> String {
    s.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).filter(|_| c.is_ascii_graphic()).unwrap_or(c)).collect()
}
