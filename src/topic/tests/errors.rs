//! What is wrong with a query, and exactly where.

use super::{aliases, spec};
use crate::topic::{QueryError, Topics, check_alias};

/// All errors of `query`; empty when it has none.
fn errors(query: &str) -> Vec<QueryError> {
    let found = Topics::compile(&[spec("fine"), spec(query)], &aliases()).err().unwrap_or_default();
    found.into_iter().inspect(|(index, _)| assert_eq!(*index, 1)).map(|(_, e)| e).collect()
}

/// A query in which `«` and `»` stand around the places of its errors, in order, and a part of each message or hint.
#[track_caller]
fn check(marked: &str, parts: &[&str]) {
    let query = marked.replace(['«', '»'], "");
    let mut places = vec![];
    let (mut at, mut start) = (0, 0);
    for c in marked.chars() {
        match c {
            '«' => start = at,
            '»' => places.push(start..at),
            c => at += c.len_utf8(),
        }
    }
    let found = errors(&query);
    assert_eq!(found.iter().map(|e| e.at.clone()).collect::<Vec<_>>(), places, "{query}: {found:#?}");
    assert_eq!(found.len(), parts.len(), "{query}: {found:#?}");
    for (error, part) in found.iter().zip(parts) {
        assert!(error.to_string().contains(part), "{query}: {error} has no {part}");
    }
}

#[test]
fn near_with_alternatives() {
    check("near(5, @chip, (a OR \"b c\" OR de*)) title:near(2, a, b)^2", &[]);
    check("«near»(a, b)", &["needs a number"]);
    check("near(«500», a, b)", &["up to 100"]);
    check("«near»(3, a)", &["from two to 8"]);
    check("near(3, a, «NOT b»)", &["can be near"]);
    check("near(3, a, (b AND c) OR x)".replace("(b AND c)", "«(b AND c)»").as_str(), &["can be near"]);
    check("near(3, a, «title:b»)", &["can be near"]);
    check("near(3, a«,» )", &["a term is missing"]);
    check("near(3, a, «b^2»)", &["can be near"]);
}

#[test]
fn weights() {
    check("chip^3 芯片^0.25 (a OR b)^100", &[]);
    check("chip«^»", &["needs the number"]);
    check("chip«^101»", &["from 0 to 100"]);
    check("chip«^1.234»", &["two decimals"]);
    check("\"a b\"«^1.»", &["two decimals"]);
    check("chip «^3»", &["without a term right before it"]);
    check("«^3» chip", &["without a term right before it"]);
    check("chip NOT 薯片«^3»", &["what is excluded has no weight"]);
    check("chip -(a OR b)«^3»", &["what is excluded has no weight"]);
}

#[test]
fn quotes_and_parentheses() {
    check("«(»chip OR 芯片", &["never closed"]);
    check("chip OR 芯片«)»", &["closes nothing"]);
    check("chip AND «\"»export control", &["never closed"]);
    check("chip AND «「»出口管制", &["never closed"]);
    check("chip (a «“»export control)", &["never closed"]);
    check("出口管制«」»", &["closes nothing"]);
    check("chip «()»", &["nothing stands"]);
    check("chip «（»", &["never closed"]);
    check("«(»chip OR (芯片)", &["never closed"]);
    check("«(»«(»(chip)", &["never closed", "never closed"]);
}

#[test]
fn nothing_to_look_for() {
    check("«»", &["empty"]);
    check("«  　»", &["empty"]);
    check("«\"!!!\"»", &["nothing is left"]);
    check("chip AND «\"\"»", &["nothing is left"]);
    check("chip OR «...»", &["nothing is left"]);
    check("«*»", &["at the end of a word"]);
    check("«\"*\"»", &["alone"]);
    check("«*chip»", &["at the end of a word"]);
    check("chi«*»p", &["only stand at the end"]);
    check("chip«*»*", &["only stand at the end"]);
    check("\"exp«*» control\"", &["only stand at the end"]);
    check("«c*»", &["too short"]);
    check("«\"c\"*»", &["too short"]);
    assert!(errors("ch* 半* 半导* \"export control*\" 5g* \"export control\"*").is_empty());
}

#[test]
fn dangling_operators() {
    check("chip «AND»", &["AND needs a term on its right"]);
    check("«OR» chip", &["OR needs a term on its left"]);
    check("chip «AND» OR 芯片", &["AND needs a term on its right"]);
    check("chip «OR» OR 芯片", &["OR needs a term on its right"]);
    check("«AND»", &["AND needs"]);
    check("chip «NOT»", &["NOT needs a term on its right"]);
    check("chip (a «OR») b", &["OR needs a term on its right"]);
    check("(«AND» a) chip", &["AND needs a term on its left"]);
    check("chip «-» sports", &["without a term"]);
    check("chip \"covid\"«-»19", &["not clear"]);
    assert!(errors("chip and or not").is_empty());
}

#[test]
fn names() {
    check("«titel»:chip", &["did you mean title:?"]);
    check("«Title»:chip", &["did you mean title:?"]);
    check("«https»:«/»/example.org", &["put a term with a colon in quotes", "no regular expressions"]);
    check("«@chop» export", &["did you mean @chip?"]);
    check("«@weather» export", &["[aliases]"]);
    check("«@none»", &["no alternatives"]);
    check("a «@broken»", &["cannot refer to another alias"]);
    check("chip «@»", &["without a name"]);
    check("«@chip*»", &["an alias cannot have a `*`"]);
    check("chip «title:»", &["right after it"]);
    check("chip «title:»-a", &["write NOT before"]);
    check("title:(a «body:»b)", &["inside another field"]);
    check("chip «:»b", &["without the name of a field"]);
}

#[test]
fn what_other_languages_have() {
    check("chip«~2»", &["without a phrase"]);
    check("a «|»| b", &["write OR"]);
    check("a «&»& b", &["write AND"]);
    check("a «!»b", &["write NOT"]);
    check("a «+»b", &["remove it"]);
    check("ch«?»p", &["only wildcard"]);
    check("«/»chi.p/", &["no regular expressions"]);
    check("«'»export control'", &["double quotes"]);
    check("芯片«、»出口", &["AND or OR"]);
    check("芯片«，»出口", &["inside min"]);
    check("«[»a TO b«]»", &["quotes", "quotes"]);
    assert!(errors("AT&T O'Hara C++ 5G/6G node.js e-mail #ai").is_empty());
}

#[test]
fn near_and_min() {
    check("«\"chip\"~5»", &["two or more words"]);
    check("\"export chip\"«~»", &["needs the number"]);
    check("\"export chip\"«~101»", &["needs the number"]);
    check("\"chip «chip»\"~3", &["must differ"]);
    check("«\"a b c d e f g h i\"~3»", &["more than 8"]);
    check("«min»(a, b)", &["needs a number first"]);
    check("min(«3», a, b)", &["which is 2"]);
    check("min(«0», a, b)", &["which is 2"]);
    check("min(1, a«,»)", &["missing after this comma"]);
    check("min(1 «a», b)", &["comma is missing"]);
    check("min«(»1, a, b", &["never closed"]);
    check("min (2«,» a«,» b)", &["inside min", "inside min"]);
}

#[test]
fn what_would_match_everything() {
    for query in [
        "«NOT chip»",
        "«-chip»",
        "a OR «NOT b»",
        "«NOT (a AND b)»",
        "a OR (b OR «-c»)",
        "«NOT a NOT b»",
        "«min(1, a, NOT b)»",
        "«min(2, a, NOT b, -c)»",
        "«NOT min(2, a, b)»",
        "«NOT (a AND NOT b)»",
        "«NOT source:sports»",
    ] {
        check(query, &["match every article"]);
    }
    for query in
        ["NOT NOT a", "a AND (b OR NOT c)", "NOT (NOT a OR b)", "min(2, a, NOT b)", "NOT min(1, NOT a, b)", "lang:zh"]
    {
        assert_eq!(errors(query), [], "{query}");
    }
}

#[test]
fn bounds() {
    let nested = |n: usize| format!("{}a{}", "(".repeat(n), ")".repeat(n));
    assert!(errors(&nested(64)).is_empty());
    let found = errors(&nested(65));
    assert_eq!((found.len(), found[0].at.clone()), (1, 64..65));
    assert_eq!(errors(&format!("a {}b", "NOT ".repeat(100))).len(), 1);
    assert_eq!(errors(&format!("a {}b", "-".repeat(5000))).len(), 1);
    assert_eq!(errors(&"title:".repeat(1000)).first().map(|e| e.at.start), Some(6));
    let found = errors(&"芯片 ".repeat(2000));
    assert!(found.len() == 1 && found[0].message.contains("longer"), "{found:?}");
    let found = errors(&"@chip ".repeat(1025));
    assert!(found.len() == 1 && found[0].message.contains("terms"), "{found:?}");
}

#[test]
fn all_errors_are_found() {
    check("«titel»:a AND «@chop» «AND» OR c«^x» «(»", &["title", "chip", "", "needs the number", "closed"]);
}

#[test]
fn alternatives_of_aliases() {
    for good in
        ["芯片", "export control", "semiconductor*", "\"entity list\"", "「实体清单」", " 半导* ", "5G/6G", "x-ray"]
    {
        assert_eq!(check_alias(good), Ok(()), "{good}");
    }
    for (bad, at, part) in [
        ("@chip", 0..5, "another alias"),
        ("", 0..0, "empty"),
        ("!!!", 0..3, "nothing is left"),
        ("a OR b", 0..6, "`OR` has no meaning"),
        ("芯片 (a)", 7..8, "`(` has no meaning"),
        ("-chip", 0..5, "excluded"),
        ("title:chip", 0..10, "`title:` has no meaning"),
        ("c*", 0..2, "too short"),
        ("*", 0..1, "alone"),
        ("a * b", 2..3, "at the end"),
        ("\"a\" \"b\"", 0..1, "has no meaning"),
    ] {
        let error = check_alias(bad).unwrap_err();
        assert_eq!(error.at, at, "{bad}: {error}");
        assert!(error.to_string().contains(part), "{bad}: {error}");
    }
    assert!(check_alias(&"芯".repeat(100)).is_err());
}
