//! The language, its errors, and its laws.

mod errors;
mod explain;
mod laws;
mod matching;

use super::{Aliases, Spec, Subject, Topics, Vocabulary};

fn aliases() -> Vocabulary {
    let list = |of: &[&str]| of.iter().map(|s| (*s).to_owned()).collect();
    Aliases::from([
        ("chip".into(), list(&["芯片", "chip", "chips", "semiconductor*"])),
        ("出口".into(), list(&["出口管制", "export control*"])),
        ("none".into(), vec![]),
        ("broken".into(), list(&["芯片", "@chip"])),
    ])
    .into()
}

fn spec(query: &str) -> Spec {
    Spec { id: "t".into(), title: "T".into(), query: query.into(), ..Spec::default() }
}

fn compiled(query: &str) -> Topics {
    Topics::compile(&[spec(query)], &aliases()).unwrap_or_else(|e| panic!("{query}: {e:?}"))
}

fn body(text: &str) -> Subject<'_> {
    Subject { text, ..Subject::default() }
}
