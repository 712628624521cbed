//! Floor 6: one file becomes everybody's settings. STUB

pub mod presets;
