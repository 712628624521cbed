//! A string as numbers, words, Han characters and punctuation, widths and scripts evened out.

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A run of digits: value (0 if it does not fit) and number of digits.
    Number(u64, usize),
    /// A run of ASCII letters, lower case.
    Word(String),
    /// A Han character, simplified as far as dates need it.
    Han(char),
    /// Anything else.
    Punct(char),
}

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Whether white space stands before it.
    pub(super) spaced: bool,
    /// Whether a number is written in Han numerals.
    pub(super) han: bool,
}

impl Token {
    pub(super) fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Number(..)) && !self.han
    }

    /// The value, if this is a number of `digits` digits.
    pub(super) fn number(&self, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
        match self.kind {
            Kind::Number(v, n) if digits.contains(&n) => i64::try_from(v).ok(),
            _ => None,
        }
    }

    pub(super) fn word(&self) -> Option<&str> {
        if let Kind::Word(w) = &self.kind { Some(w) } else { None }
    }

    pub(super) const fn han_char(&self) -> Option<char> {
        if let Kind::Han(c) = self.kind { Some(c) } else { None }
    }

    pub(super) const fn punct(&self) -> Option<char> {
        if let Kind::Punct(c) = self.kind { Some(c) } else { None }
    }
}

/// Tokens of the first `chars_max` characters of `s`.
pub(super) fn tokens(s: &str, chars_max: usize) -> Vec<Token> {
    let chars: Vec<char> = s.chars().take(chars_max).map(even).collect();
    let (mut out, mut i, mut spaced) = (Vec::new(), 0, false);
    while i < chars.len() {
        let c = chars[i];
        let end = i + run(&chars[i..]);
        if c.is_whitespace() || c == '\u{200B}' || c == '\u{FEFF}' {
            spaced = true;
            i += 1;
            continue;
        }
        let (kind, han) = match c {
            '0'..='9' => {
                let digits: String = chars[i..end].iter().collect();
                (Kind::Number(digits.parse().unwrap_or(0), digits.len()), false)
            }
            'a'..='z' => (Kind::Word(chars[i..end].iter().collect()), false),
            _ if numeral(c).is_some() => match han_number(&chars[i..end]) {
                Some((v, n)) if is_unit(chars.get(end)) => (Kind::Number(v, n), true),
                _ => {
                    out.push(Token { kind: Kind::Han(c), spaced, han: false });
                    spaced = false;
                    i += 1;
                    continue;
                }
            },
            _ if c.is_alphabetic() => (Kind::Han(c), false),
            _ => (Kind::Punct(c), false),
        };
        out.push(Token { kind, spaced, han });
        spaced = false;
        i = end;
    }
    out
}

/// Length of the run of like characters that `chars` begins with.
fn run(chars: &[char]) -> usize {
    let class = |c: &char| match c {
        '0'..='9' => 1,
        'a'..='z' => 2,
        _ if numeral(*c).is_some() => 3,
        _ => 0,
    };
    let first = class(&chars[0]);
    if first == 0 { 1 } else { chars.iter().take_while(|c| class(c) == first).count() }
}

/// One width, one case, one script for the characters that dates are written with.
fn even(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => {
            let narrow = char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c);
            narrow.to_ascii_lowercase()
        }
        '時' => '时',
        '鐘' | '鍾' | '锺' => '钟',
        '點' => '点',
        '號' => '号',
        '週' => '周',
        '個' => '个',
        '兩' => '两',
        '剛' => '刚',
        '纔' => '才',
        '國' => '国',
        '間' => '间',
        '東' => '东',
        '臺' => '台',
        '‐' | '‑' | '‒' | '–' | '—' | '−' => '-',
        _ => c.to_ascii_lowercase(),
    }
}

const fn numeral(c: char) -> Option<u64> {
    Some(match c {
        '〇' | '零' | '○' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        _ => return None,
    })
}

/// The number that Han numerals name, up to 99 by tens, or digit by digit as years are written; and its digits.
fn han_number(chars: &[char]) -> Option<(u64, usize)> {
    let values: Vec<u64> = chars.iter().filter_map(|c| numeral(*c)).collect();
    let value = match values[..] {
        [v] => v,
        [10, v] if v < 10 => 10 + v,
        [v, 10] if v < 10 => v * 10,
        [t, 10, v] if t < 10 && v < 10 => t * 10 + v,
        _ if values.len() <= 4 && values.iter().all(|v| *v < 10) => values.iter().fold(0, |n, v| n * 10 + v),
        _ => return None,
    };
    Some((value, value.to_string().len()))
}

/// Han numerals are only a number before a word that counts time; `一月` in prose stays words otherwise.
const fn is_unit(c: Option<&char>) -> bool {
    matches!(c, Some('年' | '月' | '日' | '号' | '时' | '点' | '分' | '秒' | '个' | '小' | '天' | '周' | '星'))
}
