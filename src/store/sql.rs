//! Every statement, as constants; the texts are in `sql_write`, `sql_read` and `sql_occasions`.

use super::Dialects;
pub(super) use super::sql_occasions::*;
pub(super) use super::sql_read::*;
pub(super) use super::sql_write::*;

/// Declares statements: `NAME = "text";` where the databases agree, `NAME = "postgres" | "sqlite";` where they do not.
macro_rules! statements {
    (
        same { $( $(#[doc = $doc:literal])* $name:ident = $text:literal; )* }
        differ { $( $(#[doc = $ddoc:literal])* $dname:ident = $pg:literal | $lite:literal; )* }
    ) => {
        $( $(#[doc = $doc])* pub(in crate::store) const $name: &str = $text; )*
        $(
            $(#[doc = $ddoc])*
            pub(in crate::store) const $dname: $crate::store::Dialects =
                $crate::store::Dialects { postgres: $pg, sqlite: $lite };
        )*
        /// Every statement of this file, by name.
        pub(in crate::store) const ALL: &[(&str, $crate::store::Dialects)] = &[
            $( (stringify!($name), $crate::store::Dialects { postgres: $text, sqlite: $text }), )*
            $( (stringify!($dname), $dname), )*
        ];
    };
}
pub(super) use statements;

/// Every statement of the program, by name.
pub fn all() -> impl Iterator<Item = (&'static str, Dialects)> {
    super::sql_read::ALL.iter().chain(super::sql_write::ALL).chain(super::sql_occasions::ALL).copied()
}
