//! Statements of search. What they do is said where they are used.

super::sql::statements! {
    same {
        /// The articles before a number whose tokens are not known yet, newest first, of few that are looked at.
        SEARCH_TEXTS = "select id, title, substr(text, 1, cast($3 as integer)) from articles where id < $1 order by id desc limit $2";
    }
    differ {
        /// Sets the tokens of an article.
        WORDS_SET =
            "insert into search_words (article_id, words) values ($1, array_to_tsvector(string_to_array($2, ' ')))
                on conflict (article_id) do update set words = excluded.words" |
            "insert or replace into search_words (rowid, words) values ($1, $2)";
        /// Sets them, if the article is still there and they were never set.
        WORDS_FILL =
            "insert into search_words (article_id, words)
                select id, array_to_tsvector(string_to_array($2, ' ')) from articles where id = $1
                on conflict (article_id) do nothing" |
            "insert into search_words (rowid, words) select $1, $2 where exists (select 1 from articles where id = $1)
                and not exists (select 1 from search_words where rowid = $1)";
        /// Forgets all of them.
        WORDS_CLEAR = "delete from search_words" | "insert into search_words (search_words) values ('delete-all')";
        /// Sorts in what waits to be. SQLite does that by itself.
        WORDS_SETTLE = "select gin_clean_pending_list('search_words_words')" | "select 0";
        /// Before a search: has PostgreSQL look into the index, and not into every article, whatever it thinks that costs.
        SEARCH_PLAN = "set local enable_seqscan = off" | "select 0";
        /// Articles with all tokens, newest first. The number is hidden from the planner, which would walk by it.
        SEARCH =
            "with hits as materialized (select article_id from search_words
                where words @@ cast($1 as tsquery) and article_id + 0 < $2)
            select h.article_id from hits h
            where (cast($3 as text) is null and cast($4 as timestamptz) is null and cast($5 as timestamptz) is null
                    or exists (select 1 from articles a where a.id = h.article_id and ($3 is null or a.source_id = $3)
                        and ($4 is null or a.first_seen_at >= $4) and ($5 is null or a.first_seen_at < $5)))
                and (cast($6 as text) is null or exists
                    (select 1 from matches m where m.article_id = h.article_id and m.topic_id = $6))
            order by h.article_id desc limit $7" |
            "select a.id from search_words w cross join articles a on a.id = w.rowid
            where w.search_words match $1 and w.rowid < $2
                and ($3 is null or a.source_id = $3)
                and ($4 is null or a.first_seen_at >= $4)
                and ($5 is null or a.first_seen_at < $5)
                and ($6 is null or exists (select 1 from matches m where m.article_id = a.id and m.topic_id = $6))
            order by w.rowid desc limit $7";
        /// What is compared of some of them.
        SEARCH_COMPARED =
            "select id, title, substr(text, 1, cast($2 as integer)) from articles
                where id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as bigint))" |
            "select id, title, substr(text, 1, cast($2 as integer)) from articles where id in (select value from json_each($1))";
        /// What is shown of some of them.
        SEARCH_SHOWN =
            "select a.id, a.story_id, a.source_id, s.name as source_name, a.url, a.title, substr(a.text, 1, cast($2 as integer)) as text,
                    a.author, a.origin, a.language, a.published_at, a.first_seen_at, a.revised_at, a.gone_at
                from articles a join sources s on s.id = a.source_id
                where a.id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as bigint))" |
            "select a.id, a.story_id, a.source_id, s.name as source_name, a.url, a.title, substr(a.text, 1, cast($2 as integer)) as text,
                    a.author, a.origin, a.language, a.published_at, a.first_seen_at, a.revised_at, a.gone_at
                from articles a join sources s on s.id = a.source_id
                where a.id in (select value from json_each($1))";
    }
}
