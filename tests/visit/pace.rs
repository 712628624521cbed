//! What a visit learns of the pace, the place and the honesty of a server.

use super::*;

/// What the server of these tests says beyond what others ask.
pub(super) fn answer(uri: &Uri) -> Option<Response> {
    let xml =
        |body: String| ([(header::CONTENT_TYPE, "application/xml"), (header::ETAG, "\"v1\"")], body).into_response();
    Some(match (uri.path(), uri.query()) {
        ("/gone-away", _) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, "/feed")]).into_response(),
        ("/elsewhere-today", _) => (StatusCode::FOUND, [(header::LOCATION, "/feed")]).into_response(),
        ("/gone", _) => StatusCode::GONE.into_response(),
        ("/archive", _) => {
            let entry = |i: u32| format!("<entry><title>第{i}条</title><link href='/a/{i}'/><id>a-{i}</id></entry>");
            let entries: String = (0..1000).map(entry).collect();
            xml(format!("<feed xmlns='http://www.w3.org/2005/Atom'><title>A</title>{entries}</feed>"))
        }
        ("/pages", Some(n)) => {
            let n: u32 = n.parse().unwrap();
            let entry = |i: u32| {
                format!("<entry><title>第{n}页第{i}条</title><link href='/p/{n}/{i}'/><id>{n}-{i}</id></entry>")
            };
            xml(format!(
                "<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><link rel='next' href='/pages?{}'/>{}{}</feed>",
                n + 1,
                entry(1),
                entry(2)
            ))
        }
        _ => return None,
    })
}

/// A listing as it was read on an earlier visit, and the visit after it.
async fn after(bench: &Bench, path: &str, change: impl FnOnce(&mut Target)) -> Visit {
    let mut target = bench.target(path, TargetKind::Listing);
    (target.last_success_at, target.last_visit_at) = (Some(now()), Some(now() - TimeDelta::minutes(20)));
    change(&mut target);
    bench.visit(target).await
}

#[tokio::test]
async fn a_text_that_was_read_before_is_not_read_again() {
    let bench = Bench::new().await;
    let first = after(&bench, "/archive", |_| {}).await;
    assert_eq!(first.outcome, Outcome::Ok);
    let pace = first.pace.clone();
    let again = after(&bench, "/archive", |t| t.past.pace = pace.clone()).await;
    assert_eq!((again.outcome.as_str(), again.status()), ("not_modified", Some(200)));
    assert!(again.listing.is_none() && again.wanted.is_empty());
    assert_eq!((again.pace.text, again.pace.marks.len()), (pace.text, pace.marks.len()), "it stays known");
    assert_eq!(again.http.unwrap().etag.as_deref(), Some("\"v1\""));
    let other = after(&bench, "/pages?1", |t| t.past.pace = pace.clone()).await;
    assert_eq!(other.outcome, Outcome::Ok, "another text");
    let several = after(&bench, "/archive", |t| {
        (t.past.pace, t.past.documents) = (pace.clone(), vec!["https://other.example/".into()]);
    });
    assert_eq!(several.await.outcome, Outcome::Ok, "the other documents may have changed");
    let failed = after(&bench, "/gone", |t| t.past.pace = pace.clone()).await;
    assert_eq!(failed.pace.text, pace.text, "a failure says nothing of the text");
}

#[tokio::test]
async fn an_address_is_left_for_good_after_the_third_permanent_redirect_in_a_row() {
    let bench = Bench::new().await;
    let mut pace = Pace::default();
    for times in 1..=3 {
        let visit = after(&bench, "/gone-away", |t| t.past.pace = pace.clone()).await;
        assert!(visit.outcome.is_success());
        pace = visit.pace.clone();
        let moved = pace.moved.clone().unwrap();
        assert_eq!((moved.to.path(), moved.times), ("/feed", times));
        assert_eq!(visit.note().is_some_and(|n| n.contains("has moved for good")), times == 3, "{:?}", visit.problems);
    }
    // The old address would now lead elsewhere: it is not asked any more.
    let visit = after(&bench, "/nowhere", |t| t.past.pace = pace.clone()).await;
    assert_eq!((visit.outcome.is_success(), visit.pace.moved.clone().unwrap().times), (true, 3));
    pace.moved.as_mut().unwrap().to = format!("{}/nowhere", bench.base).parse().unwrap();
    let visit = after(&bench, "/gone-away", |t| t.past.pace = pace.clone()).await;
    assert_eq!((visit.outcome.as_str(), visit.pace.moved), ("not_found", None), "undone where it fails");
    let passing = after(&bench, "/elsewhere-today", |_| {}).await;
    assert_eq!((passing.outcome.as_str(), passing.pace.moved), ("ok", None), "a passing redirect is none");
}

#[tokio::test]
async fn a_server_that_always_says_unchanged_is_asked_in_full_now_and_then() {
    let bench = Bench::new().await;
    let known = |t: &mut Target, unchanged| {
        t.etag = Some("\"v1\"".into());
        t.past.pace = Pace { unchanged, marks: vec![1, 2, 3], ..Pace::default() };
    };
    let visit = after(&bench, "/feed", |t| known(t, 7)).await;
    assert_eq!((visit.outcome.clone(), visit.pace.unchanged), (Outcome::NotModified, 8));
    let visit = after(&bench, "/feed", |t| known(t, 50)).await;
    assert_eq!((visit.outcome.clone(), visit.pace.unchanged, visit.pace.full_at), (Outcome::Ok, 0, Some(now())));
    assert!(visit.pace.distrusted, "under the same validator there is something else");
    let again = after(&bench, "/feed", |t| {
        known(t, 1);
        t.past.pace.distrusted = true;
    })
    .await;
    assert_eq!(again.outcome, Outcome::Ok);
}

#[tokio::test]
async fn a_server_is_not_called_a_liar_for_a_long_listing() {
    let bench = Bench::new().await;
    let first = after(&bench, "/archive", |_| {}).await;
    assert_eq!(first.listing.as_ref().unwrap().entries.len(), 1000);
    let again = async |change: fn(&mut Vec<u32>)| {
        after(&bench, "/archive", |t| {
            t.etag = Some("\"v1\"".into());
            // Not known by its text, or it would not be read.
            t.past.pace = Pace { unchanged: 50, text: None, ..first.pace.clone() };
            change(&mut t.past.pace.marks);
        })
        .await
    };
    let honest = again(|_| {}).await;
    assert_eq!((honest.outcome.clone(), honest.pace.distrusted), (Outcome::Ok, false), "{:?}", honest.problems);
    let liar = again(|marks| *marks = marks.split_off(1)).await;
    assert!(liar.pace.distrusted, "what stands on top now did not stand there");
}

#[tokio::test]
async fn a_listing_with_nothing_of_the_last_one_is_read_deeper_once() {
    let bench = Bench::new().await;
    let first = after(&bench, "/pages?1", |_| {}).await;
    assert_eq!((first.listing.as_ref().unwrap().entries.len(), first.pace.missed), (2, 0));
    // What stood on the third page is all that is known.
    let third = after(&bench, "/pages?3", |_| {}).await;
    let mut pace = third.pace;
    pace.marks.extend([8, 9]);
    let gap = after(&bench, "/pages?1", |t| t.past.pace = pace.clone()).await;
    assert_eq!(gap.listing.as_ref().unwrap().entries.len(), 6, "until what is known comes, and no further");
    assert_eq!(gap.wanted.len(), 6);
    pace.marks = vec![7, 8, 9];
    let lost = after(&bench, "/pages?1", |t| t.past.pace = pace.clone()).await;
    assert_eq!((lost.listing.as_ref().unwrap().entries.len(), lost.pace.missed), (8, 1));
}

#[tokio::test]
async fn a_source_that_is_gone_for_good_is_flagged() {
    let bench = Bench::new().await;
    let gone = after(&bench, "/gone", |_| {}).await;
    assert_eq!((gone.outcome.as_str(), gone.health()), ("not_found", Health::Gone));
    assert!(gone.next_visit_at.is_some(), "and still looked at now and then");
    let page = bench.page("/gone").await;
    assert!(page.next_visit_at.is_none(), "a page is not");
}
