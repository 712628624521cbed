//! Sinks in trouble, as the incidents feed and the first page show them, on both databases.

use chrono::{DateTime, TimeDelta, Utc};
use tidings::{
    serve,
    store::{SinkState, Store, Unsent},
};

use crate::world::{at, on_both};

/// What was sent at `now` is not taken.
async fn fail(store: &Store, id: &str, reason: &str, state: SinkState, now: DateTime<Utc>) {
    let row = store.sink(id).await.unwrap().unwrap();
    assert!(store.claim_sink(&row, "here", None, now, now + TimeDelta::minutes(1)).await.unwrap());
    let row = store.sink(id).await.unwrap().unwrap();
    let unsent = Unsent { reason, status: None, trying_to: None, next_try_at: Some(now), state };
    assert!(store.fail_sink(&row, "here", unsent, now).await.unwrap());
}

#[tokio::test]
async fn a_sink_in_trouble_is_an_incident_and_a_line_of_the_page_until_it_takes_something() {
    on_both(8, |w| async move {
        let store = &w.store;
        let page = w.text("/").await;
        assert!(!page.contains("<h2>Sinks</h2>"), "there is none");
        store.sync_sinks(&["chat", "mail"], at(0)).await.unwrap();
        serve::notice(store, at(1)).await.unwrap();
        let about_sinks = async || w.text("/feeds/incidents.atom").await.matches("The sink ").count();
        assert_eq!(about_sinks().await, 0, "that they begin well is none");

        fail(store, "chat", "the receiver <answered> 500", SinkState::Active, at(2)).await;
        assert!(serve::notice(store, at(2)).await.unwrap().iter().all(|i| i.about != "chat"), "a hitch");
        let noted = serve::notice(store, at(3)).await.unwrap();
        assert_eq!(
            noted.iter().map(|i| (i.about.as_str(), i.state.as_str())).collect::<Vec<_>>(),
            [("chat", "failing")]
        );
        assert!(serve::notice(store, at(4)).await.unwrap().is_empty(), "told once");
        let feed = w.text("/feeds/incidents.atom").await;
        for said in
            ["The sink chat is failing", "answered&#x26;gt; 500 (1 failed try", "It was ok before", "tidings sink skip"]
        {
            assert!(feed.contains(said), "{said} is not in {feed}");
        }
        let page = w.text("/").await;
        for said in
            ["2 sinks, <b class=\"failing\">1 in trouble</b>", "<h2>Sinks</h2>", "&lt;answered&gt; 500", "replay"]
        {
            assert!(page.contains(said), "{said} is not in {page}");
        }

        fail(store, "mail", "the receiver answered 410", SinkState::Gone, at(5)).await;
        let row = store.sink("chat").await.unwrap().unwrap();
        assert!(store.move_sink(&row, "here", row.cursor, 1, at(5)).await.unwrap());
        let noted = serve::notice(store, at(6)).await.unwrap();
        let noted: Vec<_> = noted.iter().map(|i| (i.about.as_str(), i.was.as_deref(), i.state.as_str())).collect();
        assert_eq!(noted, [("chat", Some("failing"), "ok"), ("mail", Some("ok"), "gone")]);
        assert_eq!(about_sinks().await, 3);
        let feed = w.text("/feeds/incidents.atom").await;
        let places = ["mail is gone", "chat is ok", "chat is failing"].map(|said| feed.find(said));
        assert!(places.is_sorted() && places[0].is_some(), "the newest first: {places:?}");
        let ids: std::collections::BTreeSet<&str> = feed.split("<id>").collect();
        assert_eq!(ids.len(), feed.split("<id>").count(), "no two are called the same: {feed}");
        assert_eq!(w.text("/feeds/incidents.atom?limit=1").await.matches("<entry>").count(), 1);
        assert!(w.text("/").await.contains("2 sinks, <b class=\"failing\">1 in trouble</b>"));
    })
    .await;
}
