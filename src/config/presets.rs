//! Recipes that ship with the program: one TOML file each, named after the preset.

use crate::model::Recipe;

/// Name and text of every preset.
const PRESETS: &[(&str, &str)] = &[("discuz", include_str!("presets/discuz.toml"))];

/// Names of all presets.
pub fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

/// The preset `name`.
#[must_use]
pub fn get(name: &str) -> Option<Recipe> {
    let (_, text) = PRESETS.iter().find(|(n, _)| *n == name)?;
    toml::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_list_selector_is_css() {
        for name in super::names() {
            let recipe = super::get(name).unwrap_or_default();
            assert_eq!(crate::read::check(&recipe), [], "{name}.toml");
        }
    }

    #[test]
    fn every_preset_parses() {
        for name in super::names() {
            assert!(super::get(name).is_some(), "{name}.toml is no recipe");
        }
    }
}
