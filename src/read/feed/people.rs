//! Who wrote an entry, and which paper it is from.

use super::{super::xml::Element, line};

/// The author by the first of `names` that names one: Atom's persons, RSS's `mail (Name)`, a plain name.
pub(super) fn author(element: &Element<'_>, names: &[&str]) -> Option<String> {
    let found: Vec<String> = names
        .iter()
        .map(|name| element.all(std::slice::from_ref(name)).filter_map(person).collect::<Vec<_>>())
        .find(|people| !people.is_empty())?;
    Some(found.join(", "))
}

fn person(e: &Element<'_>) -> Option<String> {
    if e.elements().next().is_some() {
        return e.text_of(&["name", "atom:name"]).or_else(|| e.text_of(&["email"])).and_then(|n| line(&n));
    }
    named(&e.text())
}

/// The name in what RSS calls an author.
pub(super) fn named(raw: &str) -> Option<String> {
    let raw = raw.trim();
    if !raw.contains('@') {
        return line(raw);
    }
    // `desk@news.example (Ann Lee)` and `Ann Lee <desk@news.example>`
    let inside =
        raw.split_once('(').and_then(|(mail, rest)| mail.contains('@').then(|| rest.trim_end_matches([')', ' '])));
    let before = raw.split_once('<').map(|(name, _)| name.trim());
    inside.or(before).filter(|n| !n.is_empty() && !n.contains('@')).map_or_else(|| line(&raw.replace('<', " ")), line)
}

/// The paper that a syndicated entry is from.
pub(super) fn origin(item: &Element<'_>) -> Option<String> {
    let source = item.first(&["source", "atom:source"]).and_then(|s| {
        if s.elements().next().is_some() { s.text_of(&["title", "atom:title"]) } else { Some(s.text().into_owned()) }
    });
    [source, item.text_of(&["dc:source"]), item.text_of(&["dc:publisher"])]
        .into_iter()
        .flatten()
        .find(|o| !o.trim().is_empty() && !o.trim().starts_with("http"))
        .and_then(|o| line(&o))
}
