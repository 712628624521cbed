//! Whether a declared encoding can be true.

use std::{collections::HashSet, sync::LazyLock};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::text::fold::fold;

/// Bytes that are judged; what follows is taken to be alike.
const SAMPLE_BYTES_MAX: usize = 128 << 10;
/// Characters outside ASCII that are judged: enough for shares to mean something, little enough to cost nothing.
const SAMPLE_CHARS_MAX: usize = 4_000;
/// Characters outside ASCII below which their frequency says nothing.
const SAMPLE_CHARS_MIN: usize = 8;
/// By how much the garbled share of the characters outside ASCII must exceed another's to lose.
const GARBLED_MARGIN: f64 = 0.03;
/// By how much the share of common Han characters must fall short of another's to lose.
const COMMON_MARGIN: f64 = 0.25;
/// Share of common Han characters that only Chinese in its own encoding has: there it is above a half, elsewhere a tenth.
const COMMON_SHARE_MIN: f64 = 0.4;
/// Bytes in which NUL bytes are counted.
const NUL_BYTES_MAX: usize = 4 << 10;

/// The most frequent characters of Chinese news, folded. Wrongly decoded Chinese is Chinese too, only of rare characters.
const COMMON: &str = "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没\
    日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全\
    工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太\
    水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解\
    各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每管夫连远资队跟带花快条院变\
    联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空众技轻程告江语英基派满式李息写极令收脸钱党未持取设始版双历\
    越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵谁校读志飞观争究包组造落视济喜离虽坏兴切查整除尔";

static COMMON_SET: LazyLock<HashSet<char>> = LazyLock::new(|| COMMON.chars().collect());

/// The UTF-16 that the places of NUL bytes betray: markup has one in every second place, no other text has any.
pub(super) fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(NUL_BYTES_MAX) & !1];
    let nuls = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, pairs) = (nuls(0), nuls(1), sample.len() / 2);
    let clear = |many: usize, few: usize| many >= 2 && many * 8 >= pairs && few * 16 <= many;
    if clear(odd, even) {
        Some(UTF_16LE)
    } else if clear(even, odd) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The encoding of `bytes`: the first of `declared` unless a later one, or what the detector takes them for, or broken
/// UTF-8 reads clearly better. One that reads as Chinese does is not doubted: the detector is fifty times slower than
/// decoding.
pub(super) fn best(bytes: &[u8], declared: impl Iterator<Item = &'static Encoding>) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES_MAX)];
    let mut kept: Option<(&'static Encoding, Quality)> = None;
    for encoding in declared {
        let quality = Quality::of(sample, encoding);
        if quality.is_chinese() {
            return encoding;
        }
        kept = Some(better(kept, (encoding, quality)));
    }
    for encoding in [guess(sample), UTF_8] {
        kept = Some(better(kept, (encoding, Quality::of(sample, encoding))));
    }
    kept.map_or(UTF_8, |(encoding, _)| encoding)
}

fn better<T>(kept: Option<(T, Quality)>, next: (T, Quality)) -> (T, Quality) {
    match kept {
        Some(kept) if !next.1.is_clearly_better_than(&kept.1) => kept,
        _ => next,
    }
}

fn guess(sample: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    detector.guess(None, Utf8Detection::Allow)
}

/// How well a sample reads in one encoding.
struct Quality {
    /// Characters outside ASCII.
    chars: usize,
    /// Share of them that stand for nothing.
    garbled: f64,
    /// Share of them that are common Han characters.
    common: f64,
}

impl Quality {
    fn of(sample: &[u8], encoding: &'static Encoding) -> Self {
        let (text, _) = encoding.decode_without_bom_handling(sample);
        let foreign: String = text.chars().filter(|c| !c.is_ascii()).take(SAMPLE_CHARS_MAX).collect();
        let chars = foreign.chars().count();
        let common = fold(&foreign).as_str().chars().filter(|c| COMMON_SET.contains(c)).count();
        Self { chars, garbled: garbled(&foreign), common: share(common, chars) }
    }

    fn is_chinese(&self) -> bool {
        self.chars >= SAMPLE_CHARS_MIN && self.garbled <= GARBLED_MARGIN && self.common >= COMMON_SHARE_MIN
    }

    fn is_clearly_better_than(&self, other: &Self) -> bool {
        let as_sound = self.garbled <= other.garbled + GARBLED_MARGIN;
        other.garbled > self.garbled + GARBLED_MARGIN
            || as_sound && self.chars >= SAMPLE_CHARS_MIN && self.common > other.common + COMMON_MARGIN
    }
}

/// The share of the characters of `text` that stand for nothing: U+FFFD, private use, and C1 controls.
pub(super) fn garbled(text: &str) -> f64 {
    let (mut chars, mut bad) = (0, 0);
    for c in text.chars() {
        chars += 1;
        bad += usize::from(matches!(c, '\u{FFFD}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'.. | '\u{80}'..='\u{9F}'));
    }
    share(bad, chars)
}

#[expect(clippy::cast_precision_loss, reason = "counts of characters in memory are exact in an f64")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
