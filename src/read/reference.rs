//! What `&name;` and `&#number;` stand for, by the table of the HTML standard.

use encoding_rs::WINDOWS_1252;
use web_atoms::NAMED_ENTITIES;

/// Longest name in the table, with its `;`.
pub(super) const NAME_BYTES_MAX: usize = 33;

/// The text that the reference `name` (without `&` and `;`) stands for; empty for a control character.
pub(super) fn resolve(name: &str) -> Option<String> {
    let Some(number) = name.strip_prefix('#') else { return named(name) };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    let code = code.ok()?;
    // As HTML does: these numbers are never meant as control characters.
    if let Some(byte) = u8::try_from(code).ok().filter(|b| (0x80..0xA0).contains(b)) {
        return Some(WINDOWS_1252.decode_without_bom_handling(&[byte]).0.into_owned());
    }
    let c = char::from_u32(code).filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'));
    Some(c.map(String::from).unwrap_or_default())
}

/// The text that a name in the table stands for.
pub(super) fn named(name: &str) -> Option<String> {
    let (first, second) = NAMED_ENTITIES.get(&format!("{name};"))?;
    // The table also holds beginnings of names, as nothing.
    let chars = [first, second].into_iter().filter(|c| **c != 0).filter_map(|c| char::from_u32(*c));
    Some(chars.collect::<String>()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_length_are_known() {
        for (name, text) in [
            ("amp", "&"),
            ("eacute", "é"),
            ("chi", "χ"),
            ("scaron", "š"),
            ("mdash", "—"),
            ("Zopf", "ℤ"),
            ("NotEqualTilde", "≂̸"),
            ("CounterClockwiseContourIntegral", "∳"),
            ("#x65B0", "新"),
            ("#146", "’"),
            ("#1", ""),
        ] {
            assert_eq!(resolve(name).as_deref(), Some(text), "{name}");
        }
        for unknown in ["nosuch", "CounterClock", "", "#", "#x", "#99999999"] {
            assert_eq!(resolve(unknown).filter(|t| !t.is_empty()), None, "{unknown}");
        }
    }
}
