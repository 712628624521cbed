//! The index of tokens: what is found, by what filters, and what becomes of it.

use tidings::search::{Query, words};
use tidings::store::{Filled, Wanted};

use super::*;

fn wanted(query: &str) -> Wanted {
    Wanted { tokens: Query::parse(query).unwrap().lookups(), ..Wanted::default() }
}

async fn index(store: &Store, article: i64, title: &str, text: &str) {
    let mut tx = store.begin().await.unwrap();
    tx.set_words(article, &words(title, text)).await.unwrap();
    tx.commit().await.unwrap();
}

/// Three articles, the first of them matched by `chip`.
async fn stored(store: &Store) -> [i64; 3] {
    furnish(store).await;
    let mut ids = [0; 3];
    for (n, (source, title)) in
        [("a", "晶片出口管制"), ("b", "Chips and O'Brien \\ \"law\""), ("b", "米價上漲")].into_iter().enumerate()
    {
        let mut d = draft(&format!("https://{source}.example/{n}"), title);
        d.text = format!("{title}的消息");
        let matches = if n == 0 { vec![matched("chip")] } else { vec![] };
        let seen = at(i64::try_from(n).unwrap());
        ids[n] = add(store, source, &d, u8::try_from(n).unwrap() + 1, &matches, seen).await.1;
        index(store, ids[n], title, &d.text).await;
    }
    ids
}

#[tokio::test]
async fn articles_are_found_by_their_tokens_newest_first() {
    on_both(|store| async move {
        let [one, two, three] = stored(&store).await;
        let found = async |query: &str| store.search(&wanted(query), i64::MAX, 10).await.unwrap();
        assert_eq!(found("芯片").await, [one], "either script");
        assert_eq!(found("米").await, [three], "a single character");
        assert_eq!(found("价").await, [three], "inside a word");
        assert_eq!(found("chip").await, [] as [i64; 0], "whole words");
        assert_eq!(found("chip*").await, [two]);
        assert_eq!(found("o'brien law").await, [two]);
        assert_eq!(found("消息").await, [three, two, one]);
        assert_eq!(found("消息 芯片").await, [one]);
        assert_eq!(store.search(&wanted("消息"), three, 1).await.unwrap(), [two], "below, and no more than asked");
        let mut title = wanted("消息");
        title.tokens = title.tokens.iter().map(tidings::search::Lookup::in_title).collect();
        assert!(store.search(&title, i64::MAX, 10).await.unwrap().is_empty(), "in the text alone");
        assert!(store.search(&Wanted::default(), i64::MAX, 10).await.unwrap().is_empty(), "nothing asked");
        let narrowed = async |narrow: fn(&mut Wanted)| {
            let mut wanted = wanted("消息");
            narrow(&mut wanted);
            store.search(&wanted, i64::MAX, 10).await.unwrap()
        };
        assert_eq!(narrowed(|w| w.source = Some("b".into())).await, [three, two]);
        assert_eq!(narrowed(|w| w.topic = Some("chip".into())).await, [one]);
        assert_eq!(narrowed(|w| w.since = Some(at(1))).await, [three, two]);
        assert_eq!(narrowed(|w| w.until = Some(at(1))).await, [one]);
    })
    .await;
}

#[tokio::test]
async fn what_is_shown_is_the_article_and_goes_with_it() {
    on_both(|store| async move {
        let [one, two, _] = stored(&store).await;
        let mut shown = store.search_shown(&[two, one, 99]).await.unwrap();
        shown.sort_by_key(|s| s.id);
        assert_eq!(
            shown.iter().map(|s| (s.id, s.source_name.as_str())).collect::<Vec<_>>(),
            [(one, "名 a"), (two, "名 b")]
        );
        assert_eq!((shown[0].text.as_str(), shown[0].first_seen_at), ("晶片出口管制的消息", at(0)));
        let compared = store.search_compared(&[one]).await.unwrap();
        assert_eq!(compared, [(one, "晶片出口管制".into(), "晶片出口管制的消息".into())]);
        index(&store, one, "渡轮", "渡轮").await;
        assert!(store.search(&wanted("芯片"), i64::MAX, 9).await.unwrap().is_empty(), "edited");
        assert_eq!(store.search(&wanted("渡轮"), i64::MAX, 9).await.unwrap(), [one]);
        assert_eq!(store.delete_articles(at(1), 9).await.unwrap(), 1);
        assert!(store.search(&wanted("渡轮"), i64::MAX, 9).await.unwrap().is_empty(), "deleted");
        let orphans: i64 = match &store {
            Store::Postgres(pool) => sqlx::query_scalar("select count(*) from search_words").fetch_one(pool).await,
            Store::Sqlite(pool) => sqlx::query_scalar("select count(*) from search_words").fetch_one(pool).await,
        }
        .unwrap();
        assert_eq!(orphans, 2, "its tokens went with it");
    })
    .await;
}

#[tokio::test]
async fn what_older_versions_stored_is_indexed_once_and_again_for_another_version() {
    on_both(|store| async move {
        assert_eq!(store.search_filled("1").await.unwrap(), Filled::No);
        store.clear_words("1").await.unwrap();
        assert_eq!(store.search_filled("1").await.unwrap(), Filled::All, "of nothing");
        let [one, two, three] = stored(&store).await;
        assert_eq!(store.search_filled("2").await.unwrap(), Filled::No);
        store.clear_words("2").await.unwrap();
        assert_eq!(store.search_filled("2").await.unwrap(), Filled::From(three + 1));
        assert!(store.search(&wanted("消息"), i64::MAX, 9).await.unwrap().is_empty());
        let page = store.search_texts(three + 1, 2).await.unwrap();
        assert_eq!(page.iter().map(|p| p.0).collect::<Vec<_>>(), [three, two]);
        index(&store, two, "已改", "已改").await;
        let words: Vec<_> = page.iter().map(|(id, title, text)| (*id, words(title, text))).collect();
        store.fill_words("2", &words, two).await.unwrap();
        assert_eq!(store.search_filled("2").await.unwrap(), Filled::From(two));
        assert_eq!(store.search(&wanted("消息"), i64::MAX, 9).await.unwrap(), [three], "an edit meanwhile stays");
        store.fill_words("2", &[(one, "消息".into()), (99, "消息".into())], 0).await.unwrap();
        assert_eq!(store.search_filled("2").await.unwrap(), Filled::All);
        store.settle_words().await.unwrap();
        assert_eq!(
            store.search(&wanted("消息"), i64::MAX, 9).await.unwrap(),
            [three, one],
            "and no article that is not"
        );
    })
    .await;
}
