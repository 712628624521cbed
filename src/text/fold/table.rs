//! What becomes of one character, whatever stands beside it.

use std::{collections::HashMap, sync::LazyLock};

use opencc_fmmseg::OpenCC;
use unicode_normalization::{
    UnicodeNormalization,
    char::{canonical_combining_class, decompose_compatible, is_combining_mark},
};

use super::is_han;

/// `canonical<TAB>characters that fold to it`, one class a line.
const VARIANTS: &str = include_str!("variants.txt");
/// Code points that the flat table covers: the basic plane.
const FLAT: usize = 0x1_0000;
/// Last code point outside the basic plane that may fold to anything but itself or nothing.
const WIDE_LAST: u32 = 0x3_FFFF;
/// Rounds until a spelling is stable; no character needs more than three.
const ROUNDS_MAX: usize = 4;
/// Letters with a stroke, a ligature or a missing dot, which have no decomposition.
const LATIN: &[(char, &str)] =
    &[('ø', "o"), ('ł', "l"), ('đ', "d"), ('ð', "d"), ('ħ', "h"), ('ŧ', "t"), ('æ', "ae"), ('œ', "oe"), ('þ', "th")];

/// What becomes of one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// One letter or digit.
    Word,
    /// Nothing: it is invisible or an accent.
    Drop,
    /// It separates words.
    Break,
    /// It separates words unless it groups digits.
    Comma,
    /// It separates words unless doubled after a letter.
    Plus,
    /// It separates words unless it follows a letter that stands alone.
    Hash,
    /// Several characters, blanks among them standing for separators.
    Spelled,
}

/// A [`Fate`] with its character or the number of its spelling, in 32 bits so that the basic plane takes 256 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell(u32);

impl Cell {
    const HAN: u32 = 1 << 28;
    const VALUE: u32 = (1 << 24) - 1;

    const fn new(fate: Fate, value: u32) -> Self {
        Self((fate as u32) << 24 | value)
    }

    fn word(c: char) -> Self {
        Self(Self::new(Fate::Word, c as u32).0 | if is_han(c) { Self::HAN } else { 0 })
    }

    /// What becomes of the character.
    pub(super) const fn fate(self) -> Fate {
        match (self.0 >> 24) & 0xF {
            0 => Fate::Word,
            1 => Fate::Drop,
            3 => Fate::Comma,
            4 => Fate::Plus,
            5 => Fate::Hash,
            6 => Fate::Spelled,
            _ => Fate::Break,
        }
    }

    /// Whether the character it becomes is Han.
    pub(super) const fn is_han(self) -> bool {
        self.0 & Self::HAN != 0
    }

    /// The character of a [`Fate::Word`].
    pub(super) fn char(self) -> char {
        char::from_u32(self.0 & Self::VALUE).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// Whether it becomes an ASCII digit.
    pub(super) const fn is_digit(self) -> bool {
        self.0 >= b'0' as u32 && self.0 <= b'9' as u32
    }
}

/// What becomes of every character.
pub(super) struct Table {
    flat: Vec<Cell>,
    wide: HashMap<char, Cell>,
    spellings: Vec<String>,
}

/// The one table, built at first use.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(Table::build);

impl Table {
    /// What becomes of `c`.
    #[inline]
    pub(super) fn cell(&self, c: char) -> Cell {
        match self.flat.get(c as usize) {
            Some(cell) => *cell,
            None => self.wide(c),
        }
    }

    /// The characters of a [`Fate::Spelled`].
    pub(super) fn spelling(&self, cell: Cell) -> &str {
        self.spellings.get((cell.0 & Cell::VALUE) as usize).map_or("", String::as_str)
    }

    #[cold]
    fn wide(&self, c: char) -> Cell {
        self.wide.get(&c).copied().unwrap_or_else(|| plain(c))
    }

    fn build() -> Self {
        let han = han_classes();
        let mut table = Self { flat: vec![Cell::new(Fate::Break, 0); FLAT], wide: HashMap::new(), spellings: vec![] };
        for code in 0..=WIDE_LAST {
            let Some(c) = char::from_u32(code) else { continue };
            let cell = table.make(c, &han);
            if let Some(slot) = table.flat.get_mut(code as usize) {
                *slot = cell;
            } else if cell != plain(c) {
                table.wide.insert(c, cell);
            }
        }
        table
    }

    fn make(&mut self, c: char, han: &HashMap<char, char>) -> Cell {
        match c {
            ',' | '，' => return Cell::new(Fate::Comma, 0),
            '+' | '＋' => return Cell::new(Fate::Plus, 0),
            '#' | '＃' => return Cell::new(Fate::Hash, 0),
            _ => {}
        }
        if (is_han(c) || !c.is_alphanumeric()) && decomposed(c).eq([c]) {
            return plain(han.get(&c).copied().unwrap_or(c));
        }
        let spelling = spell(c, han);
        let mut letters = spelling.chars();
        match (letters.next(), letters.next()) {
            (None, _) => Cell::new(Fate::Drop, 0),
            (Some(' '), None) => Cell::new(Fate::Break, 0),
            (Some(one), None) => Cell::word(one),
            _ => {
                self.spellings.push(spelling);
                Cell::new(Fate::Spelled, u32::try_from(self.spellings.len() - 1).unwrap_or(0))
            }
        }
    }
}

/// The fate of a character that folds to itself or to nothing.
fn plain(c: char) -> Cell {
    if is_dropped(c) {
        Cell::new(Fate::Drop, 0)
    } else if is_word(c) {
        Cell::word(c)
    } else {
        Cell::new(Fate::Break, 0)
    }
}

/// Letters and digits, but for the modifier letters that are typed as apostrophes.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{2B9}'..='\u{2BC}')
}

/// Invisible characters, and marks that combine with the letter before.
///
/// Marks of class 0 that are alphabetic are vowels of Indic and Thai scripts: those stay.
fn is_dropped(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
        || is_combining_mark(c) && (canonical_combining_class(c) != 0 || !c.is_alphanumeric())
}

fn decomposed(c: char) -> impl Iterator<Item = char> {
    let mut parts = Vec::new();
    decompose_compatible(c, |part| parts.push(part));
    parts.into_iter()
}

/// `c` decomposed, without accents, case and script, as long as that changes anything; separators become blanks.
fn spell(c: char, han: &HashMap<char, char>) -> String {
    let mut spelling = c.to_string();
    for _ in 0..ROUNDS_MAX {
        let next: String = spelling
            .nfkd()
            .filter(|c| !is_dropped(*c))
            // Upper case first, since that is what unites ς with σ and spells out ß.
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase)
            .flat_map(|c| match LATIN.iter().find(|(letter, _)| *letter == c) {
                Some((_, plain)) => plain.chars().collect::<Vec<_>>(),
                None => vec![han.get(&c).copied().unwrap_or(c)],
            })
            .map(|c| if is_word(c) { c } else { ' ' })
            .collect();
        if next == spelling {
            break;
        }
        spelling = next;
    }
    spelling
}

/// The canonical character of each Han character that is not its own.
///
/// OpenCC converts by phrase and so leaves 乾 in 乾隆; asked for one character at a time it always answers alike, which
/// is what comparison needs.
fn han_classes() -> HashMap<char, char> {
    let mut step: HashMap<char, char> = HashMap::new();
    let mut converter = OpenCC::new();
    converter.set_parallel(false);
    let all: String = ('\u{3400}'..='\u{9FFF}').chain('\u{20000}'..='\u{323AF}').flat_map(|c| [c, '\n']).collect();
    for (from, to) in all.lines().zip(converter.t2s(&all, false).lines()) {
        if let (Some(from), Some(to)) = (from.chars().next(), to.chars().next())
            && from != to
        {
            step.insert(from, to);
        }
    }
    for (canonical, variants) in variants() {
        step.remove(&canonical);
        step.extend(variants.chars().map(|v| (v, canonical)));
    }
    step.keys().map(|from| (*from, (0..ROUNDS_MAX).fold(*from, |c, _| step.get(&c).copied().unwrap_or(c)))).collect()
}

/// The lines of the data file: canonical character and what folds to it.
pub(super) fn variants() -> impl Iterator<Item = (char, &'static str)> {
    VARIANTS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(canonical, variants)| Some((canonical.chars().next()?, variants)))
}
