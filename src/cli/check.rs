//! `tidings check`.

use std::{io::IsTerminal, path::Path};

use super::{Stop, settings};

/// Prints everything that is wrong with the configuration, or what it amounts to.
pub(super) fn check(path: &Path) -> Result<(), Stop> {
    let settings = settings(path)?;
    let warnings = settings.warnings.render(std::io::stderr().is_terminal());
    if !warnings.is_empty() {
        eprintln!("{}", warnings.trim_end());
    }
    println!("{} is fine.", path.display());
    for line in settings.summary() {
        println!("  {line}");
    }
    Ok(())
}
