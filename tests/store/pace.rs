//! What is remembered of how targets are visited, and revisits that have to wait.

use tidings::model::{Moved, Pace};

use super::*;

#[tokio::test]
async fn the_pace_of_a_target_is_kept_until_it_has_another_address() {
    on_both(|store| async move {
        furnish(&store).await;
        let target = due(&store, "a.example", at(1)).await.remove(0);
        assert_eq!(target.past.pace, Pace::default());
        let mut made = visit(target, Outcome::Ok, Some(at(60)), at(1));
        made.pace =
            Pace { missed: 3, marks: vec![7, u32::MAX], gap_s: Some(90), full_at: Some(at(1)), ..Pace::default() };
        let mut tx = store.begin().await.unwrap();
        tx.record_visits(&[store::Ended::of(&made)], at(0)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.sources().await.unwrap()[0].missed, 3);
        assert_eq!(due(&store, "a.example", at(60)).await.remove(0).past.pace, made.pace);
        made.target = due(&store, "a.example", at(60)).await.remove(0);
        let to = "https://new.example/list".parse().unwrap();
        made.pace.moved = Some(Moved { to, times: 3 });
        let mut tx = store.begin().await.unwrap();
        tx.record_visits(&[store::Ended::of(&made)], at(0)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(due(&store, "a.example", at(60)).await.is_empty());
        assert_eq!(
            due(&store, "new.example", at(60)).await.remove(0).past.pace,
            made.pace,
            "the lane is the new host's"
        );
        let moved = [source("a", "https://a.example/other"), source("b", "https://b.example:8443/list")];
        store.sync_sources(&moved, at(61)).await.unwrap();
        assert_eq!(due(&store, "a.example", at(62)).await.remove(0).past.pace, Pace::default());
    })
    .await;
}

#[tokio::test]
async fn revisits_come_last_and_can_be_put_off() {
    on_both(|store| async move {
        furnish(&store).await;
        let mut tx = store.begin().await.unwrap();
        for (name, seen) in [("old", at(-9000)), ("known", at(1)), ("new", at(30))] {
            let entry = Entry::at(format!("https://a.example/{name}").parse().unwrap());
            assert!(tx.add_target("a", name, "a.example", &entry, seen, Some(at(0))).await.unwrap());
        }
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        for target in due(&store, "a.example", at(40)).await {
            if target.url.path() == "/old" || target.url.path() == "/known" {
                tx.record_visits(&[store::Ended::of(&visit(target, Outcome::Ok, Some(at(2)), at(1)))], at(0))
                    .await
                    .unwrap();
            }
        }
        tx.commit().await.unwrap();
        let paths = |targets: Vec<Target>| targets.iter().map(|t| t.url.path().to_owned()).collect::<Vec<_>>();
        assert_eq!(paths(due(&store, "a.example", at(40)).await), ["/list", "/new", "/known", "/old"]);
        store.put_off_revisits("a.example", at(40), at(100), at(-600)).await.unwrap();
        assert_eq!(paths(due(&store, "a.example", at(99)).await), ["/list", "/new"]);
        assert_eq!(paths(due(&store, "a.example", at(100)).await), ["/list", "/new", "/known"], "the old one rests");
        let list = due(&store, "a.example", at(40)).await.remove(0);
        store.put_off(list.id, at(200)).await.unwrap();
        assert_eq!(paths(due(&store, "a.example", at(199)).await), ["/new", "/known"]);
        store.put_off_host("a.example", at(300)).await.unwrap();
        assert!(due(&store, "a.example", at(299)).await.is_empty(), "all of it is left alone");
        assert_eq!(due(&store, "b.example", at(299)).await.len(), 1, "and nothing else");
        assert_eq!(paths(due(&store, "a.example", at(300)).await), ["/list", "/new", "/known"]);
        let mut tx = store.begin().await.unwrap();
        let ahead = visit(due(&store, "a.example", at(300)).await.remove(0), Outcome::Ok, Some(at(90_000)), at(80_000));
        tx.record_visits(&[store::Ended::of(&ahead)], at(0)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.bring_forward(at(301), at(80_000)).await.unwrap(), 0, "none is from later");
        assert_eq!(store.bring_forward(at(301), at(400)).await.unwrap(), 1);
        assert_eq!(paths(due(&store, "a.example", at(301)).await)[0], "/list");
    })
    .await;
}
