//! `tidings check`.

use std::path::Path;

use super::{Stop, settings};

/// Prints everything that is wrong with the configuration, or what it amounts to.
pub(super) fn check(path: &Path) -> Result<(), Stop> {
    let settings = settings(path)?;
    println!("{} is fine.", path.display());
    for line in settings.summary() {
        println!("  {line}");
    }
    Ok(())
}
