//! Aliases that ship with the program, each a file of one alternative a line; `@name` takes in the words of an earlier one.

use std::sync::LazyLock;

use super::Aliases;

/// Name and lines of each pack.
const FILES: [(&str, &str); 9] = [
    ("semiconductor", include_str!("packs/semiconductor.txt")),
    ("chipmakers", include_str!("packs/chipmakers.txt")),
    ("chips", include_str!("packs/chips.txt")),
    ("export-control", include_str!("packs/export-control.txt")),
    ("restriction", include_str!("packs/restriction.txt")),
    ("permission", include_str!("packs/permission.txt")),
    ("other-chips", include_str!("packs/other-chips.txt")),
    ("regulators", include_str!("packs/regulators.txt")),
    ("countries", include_str!("packs/countries.txt")),
];

/// The aliases that every query may use without their being defined, unless others of the same name are.
#[must_use]
pub fn packs() -> &'static Aliases {
    static PACKS: LazyLock<Aliases> = LazyLock::new(|| {
        let mut packs = Aliases::new();
        for (name, text) in FILES {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            let words = lines.flat_map(|line| match line.strip_prefix('@') {
                Some(other) => packs.get(other).cloned().unwrap_or_default(),
                None => vec![line.to_owned()],
            });
            let words = words.collect();
            packs.insert(name.to_owned(), words);
        }
        packs
    });
    &PACKS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::packs;
    use crate::text::fold;
    use crate::topic::check_alias;

    #[test]
    fn every_word_can_be_used_and_stands_once() {
        for (name, words) in packs() {
            assert!(words.len() > 10, "{name}");
            let (mut seen, mut twice) = (BTreeMap::new(), vec![]);
            for word in words {
                assert_eq!(check_alias(word), Ok(()), "{name}");
                let star = if word.ends_with('*') { "*" } else { "" };
                twice.extend(seen.insert(fold(word).into_string() + star, word).map(|earlier| (earlier, word)));
            }
            assert_eq!(twice, [], "{name}");
        }
    }
}
