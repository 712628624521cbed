//! Recipes that ship with the program: one TOML file each, named after the preset.

use crate::model::Recipe;

/// Name and text of every preset.
const PRESETS: &[(&str, &str)] = &[
    ("blog", include_str!("presets/blog.toml")),
    ("dedecms", include_str!("presets/dedecms.toml")),
    ("discuz", include_str!("presets/discuz.toml")),
    ("discuz-forum", include_str!("presets/discuz-forum.toml")),
    ("discuz-portal", include_str!("presets/discuz-portal.toml")),
    ("drupal", include_str!("presets/drupal.toml")),
    ("empirecms", include_str!("presets/empirecms.toml")),
    ("ghost", include_str!("presets/ghost.toml")),
    ("joomla", include_str!("presets/joomla.toml")),
    ("news", include_str!("presets/news.toml")),
    ("phpbb", include_str!("presets/phpbb.toml")),
    ("phpcms", include_str!("presets/phpcms.toml")),
    ("wordpress", include_str!("presets/wordpress.toml")),
];

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
