//! Every statement, as constants; the texts are in the files `sql_..` beside this one.

use super::Dialects;
pub(super) use super::sql_feed::*;
pub(super) use super::sql_incidents::*;
pub(super) use super::sql_occasions::*;
pub(super) use super::sql_read::*;
pub(super) use super::sql_search::*;
pub(super) use super::sql_stories::*;
pub(super) use super::sql_watch::*;
pub(super) use super::sql_websub::*;
pub(super) use super::sql_write::*;

/// Declares statements: `NAME = "text";` where the databases agree, `NAME = "postgres" | "sqlite";` where they do not, and
/// `NAME = "text" ("postgres" | "sqlite") "text";` where they do but for a few words.
macro_rules! statements {
    (
        same { $( $(#[doc = $doc:literal])* $name:ident = $text:literal; )* }
        differ { $( $(#[doc = $ddoc:literal])* $dname:ident = $pg:literal | $lite:literal; )* }
        $( vary { $( $(#[doc = $vdoc:literal])* $vname:ident = $start:literal $( ($vpg:literal | $vlite:literal) $rest:literal )+; )* } )?
    ) => {
        $( $(#[doc = $doc])* pub(in crate::store) const $name: &str = $text; )*
        $(
            $(#[doc = $ddoc])*
            pub(in crate::store) const $dname: $crate::store::Dialects =
                $crate::store::Dialects { postgres: $pg, sqlite: $lite };
        )*
        $($(
            $(#[doc = $vdoc])*
            pub(in crate::store) const $vname: $crate::store::Dialects = $crate::store::Dialects {
                postgres: concat!($start, $( $vpg, $rest ),+),
                sqlite: concat!($start, $( $vlite, $rest ),+),
            };
        )*)?
        /// Every statement of this file, by name.
        pub(in crate::store) const ALL: &[(&str, $crate::store::Dialects)] = &[
            $( (stringify!($name), $crate::store::Dialects { postgres: $text, sqlite: $text }), )*
            $( (stringify!($dname), $dname), )*
            $($( (stringify!($vname), $vname), )*)?
        ];
    };
}
pub(super) use statements;

/// Every statement of the program, by name.
pub fn all() -> impl Iterator<Item = (&'static str, Dialects)> {
    use super::{
        sql_feed, sql_incidents, sql_occasions, sql_read, sql_search, sql_stories, sql_watch, sql_websub, sql_write,
    };
    let files = [
        sql_read::ALL,
        sql_write::ALL,
        sql_feed::ALL,
        sql_watch::ALL,
        sql_search::ALL,
        sql_stories::ALL,
        sql_websub::ALL,
        sql_occasions::ALL,
        sql_incidents::ALL,
    ];
    files.into_iter().flatten().copied()
}
