//! Which hosts and targets are due where there are very many.

use tidings::model::Entry;

use super::*;

/// Pages of the host that hides the others.
const MANY: usize = 600;
/// Other hosts, each with one page that fell due later.
const HOSTS: usize = 300;

async fn add(store: &Store, host: &str, pages: usize, due: DateTime<Utc>) {
    let mut tx = store.begin().await.unwrap();
    for n in 0..pages {
        let url = format!("https://{host}/{n}");
        let entry = Entry::at(url.parse().unwrap());
        assert!(tx.add_target("a", &url, host, &entry, at(0), Some(due)).await.unwrap());
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_host_with_very_much_to_do_hides_no_other() {
    on_both(|store| async move {
        furnish(&store).await;
        add(&store, "giant.example", MANY, at(-500)).await;
        for n in 0..HOSTS {
            add(&store, &format!("h{n:03}.example"), 1, at(-100)).await;
        }
        let first = store.due_hosts(&mut Turn::in_parts(), at(1), at(9), 1).await.unwrap();
        assert_eq!(first, ["giant.example"], "the longest waiting");
        let all = store.due_hosts(&mut Turn::thorough(), at(1), at(9), 1000).await.unwrap();
        assert_eq!(all.len(), HOSTS + 3, "with the two listings");
        let (mut turn, mut seen, mut looks) = (Turn::in_parts(), std::collections::BTreeSet::new(), 0);
        while seen.len() < HOSTS + 3 {
            let hosts = store.due_hosts(&mut turn, at(1), at(9), 64).await.unwrap();
            assert!(hosts.len() <= 64);
            let taken = store.claim_all(&hosts, "one", at(1), at(60)).await.unwrap();
            assert_eq!(taken, hosts, "nobody else holds them");
            seen.extend(taken);
            looks += 1;
            assert!(looks < 20, "{} of {} hosts after {looks} looks", seen.len(), HOSTS + 3);
        }
        assert!(store.due_hosts(&mut Turn::thorough(), at(1), at(9), 1000).await.unwrap().is_empty(), "all are held");
        let asked = ["giant.example".to_owned(), "new.example".to_owned()];
        assert_eq!(store.claim_all(&asked, "two", at(2), at(60)).await.unwrap(), ["new.example"]);
        assert_eq!(store.claim_all(&asked, "two", at(60), at(90)).await.unwrap(), asked, "run out");
        assert!(store.claim_all(&[], "two", at(60), at(90)).await.unwrap().is_empty());
    })
    .await;
}

/// How many visits are kept of a source.
async fn count(store: &Store, source: &str) -> i64 {
    let text = "select count(*) from visits where source_id = $1";
    match store {
        Store::Postgres(pool) => sqlx::query_scalar(text).bind(source).fetch_one(pool).await.unwrap(),
        Store::Sqlite(pool) => sqlx::query_scalar(text).bind(source).fetch_one(pool).await.unwrap(),
    }
}

#[tokio::test]
async fn visits_recorded_together_are_each_what_they_were() {
    on_both(|store| async move {
        furnish(&store).await;
        let [a, b] = [due(&store, "a.example", at(1)).await.remove(0), due(&store, "b.example", at(1)).await.remove(0)];
        let reason = "重置\0了".to_owned();
        let failure = Failure { kind: FailureKind::Connect, status: None, reason, retry_after_s: None };
        let failed = visit(b, Outcome::Failed(failure), Some(at(90)), at(3));
        let unchanged = visit(a.clone(), Outcome::NotModified, Some(at(50)), at(2));
        let again = visit(a, Outcome::Ok, Some(at(70)), at(4));
        let ended = [&failed, &unchanged, &again].map(store::Ended::of);
        for _ in 0..store::VISITS_KEPT {
            let mut tx = store.begin().await.unwrap();
            tx.record_visits(&ended, at(5)).await.unwrap();
            tx.commit().await.unwrap();
        }
        let rows = store.sources().await.unwrap();
        let of =
            |n: usize| (rows[n].outcome.as_deref(), rows[n].failures, rows[n].last_visit_at, rows[n].next_visit_at);
        assert_eq!(of(0), (Some("ok"), 0, Some(at(4)), Some(at(70))), "of one target the last visit counts");
        assert_eq!(of(1), (Some("connect"), 1, Some(at(3)), Some(at(90))));
        assert_eq!(rows[1].reason.as_deref(), Some("重置了"), "U+0000 cannot be kept");
        let visits = store.visits("a", None).await.unwrap();
        assert_eq!(visits.len() as i64, store::VISITS_KEPT, "older ones are not shown");
        store.forget_visits(&[("a".into(), TargetKind::Listing), ("b".into(), TargetKind::Article)]).await.unwrap();
        assert_eq!(count(&store, "a").await, store::VISITS_KEPT, "older ones are forgotten");
        assert_eq!(count(&store, "b").await, store::VISITS_KEPT, "no more were made");
        let newest: Vec<_> = visits[..2].iter().map(|v| (v.outcome.as_str(), v.at)).collect();
        assert_eq!(newest, [("ok", at(4)), ("not_modified", at(2))]);
        assert_eq!(store.visits("b", None).await.unwrap().len() as i64, store::VISITS_KEPT);
    })
    .await;
}

#[tokio::test]
async fn more_visits_than_a_statement_has_rows_are_each_recorded_once() {
    on_both(|store| async move {
        furnish(&store).await;
        add(&store, "wide.example", 75, at(1)).await;
        let targets = due(&store, "wide.example", at(1)).await;
        assert_eq!(targets.len(), 75);
        let next = |id: i64| at(1000 + id);
        let made: Vec<_> = targets
            .into_iter()
            .map(|t| {
                let next = next(t.id);
                visit(t, Outcome::NotModified, Some(next), at(2))
            })
            .collect();
        let ended: Vec<_> = made.iter().map(store::Ended::of).collect();
        let mut tx = store.begin().await.unwrap();
        tx.record_visits(&ended, at(3)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(due(&store, "wide.example", at(900)).await.is_empty());
        for made in &made {
            let id = made.target.id;
            let ids = |rows: Vec<tidings::model::Target>| rows.into_iter().map(|t| t.id).collect::<Vec<_>>();
            let before = ids(due(&store, "wide.example", next(id) - TimeDelta::seconds(1)).await);
            let after = ids(due(&store, "wide.example", next(id)).await);
            assert!(!before.contains(&id) && after.contains(&id), "{id}");
        }
        assert_eq!(count(&store, made[0].target.source.as_str()).await, 75);
    })
    .await;
}

#[tokio::test]
async fn what_is_due_of_several_hosts_is_what_is_due_of_each() {
    on_both(|store| async move {
        furnish(&store).await;
        for (host, pages) in [("many.example", 9), ("few.example", 2)] {
            add(&store, host, pages, at(1)).await;
        }
        let hosts = ["many.example", "few.example", "a.example", "none.example"];
        let far = at(1) + TimeDelta::days(1);
        let all = store.due_targets_of(&hosts, at(1), far, 4).await.unwrap();
        for host in hosts {
            let one = store.due_targets(host, at(1), far, 4).await.unwrap();
            assert_eq!(all.get(host).cloned().unwrap_or_default(), one, "{host}");
        }
        let lengths = hosts.map(|host| all.get(host).map_or(0, Vec::len));
        assert_eq!(lengths, [4, 2, 1, 0]);
    })
    .await;
}
