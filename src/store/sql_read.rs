//! Statements that read. What they do is said where they are used.

super::sql::statements! {
    same {
        /// Answers when the database does.
        PING = "select 1";
        /// Number of the newest change.
        HEAD = "select coalesce(max(number), 0) from changes";
        /// Hosts of the longest-waiting due targets, how many of those they have, and whether somebody holds them.
        DUE_HOSTS = "select host, count(*), cast(case when exists
                (select 1 from leases where leases.host = oldest.host and leases.expires_at > $1) then 1 else 0 end as bigint)
            from (select host, next_visit_at from targets where next_visit_at <= $1
                and (last_visit_at is null or last_visit_at < $2)
                and exists (select 1 from sources s where s.id = source_id and s.removed_at is null and s.paused_at is null)
                order by next_visit_at limit $3) as oldest
            group by host order by min(next_visit_at)";
        /// The next hosts after one, by name, and whether they have due targets and nobody holds them.
        LANES = "with recursive lanes (host, n) as (
                select cast($1 as text), 0
                union all
                select (select t.host from targets t where t.host > lanes.host and t.next_visit_at is not null
                    order by t.host limit 1), n + 1 from lanes where lanes.host is not null and n < $4)
            select host, cast(case
                when exists (select 1 from leases where leases.host = lanes.host and leases.expires_at > $2) then 0
                when exists (select 1 from targets t where t.host = lanes.host
                    and (case when t.kind = 'listing' then 0 when t.last_success_at is null then 1 else 2 end) = 0
                    and t.next_visit_at <= $2 and (t.last_visit_at is null or t.last_visit_at < $3)
                    and exists (select 1 from sources s where s.id = t.source_id and s.removed_at is null and s.paused_at is null)) then 1
                when exists (select 1 from targets t where t.host = lanes.host
                    and (case when t.kind = 'listing' then 0 when t.last_success_at is null then 1 else 2 end) = 1
                    and t.next_visit_at <= $2 and (t.last_visit_at is null or t.last_visit_at < $3)
                    and exists (select 1 from sources s where s.id = t.source_id and s.removed_at is null and s.paused_at is null)) then 1
                when exists (select 1 from targets t where t.host = lanes.host
                    and (case when t.kind = 'listing' then 0 when t.last_success_at is null then 1 else 2 end) = 2
                    and t.next_visit_at <= $2 and (t.last_visit_at is null or t.last_visit_at < $3)
                    and exists (select 1 from sources s where s.id = t.source_id and s.removed_at is null and s.paused_at is null)) then 1
                else 0 end as bigint)
            from lanes where n > 0 and host is not null order by n";
        /// An article by its key.
        ARTICLE_GET = "select id, story_id, source_id, from_page, title, digest, revision from articles where key = $1";
        /// The text of an article.
        ARTICLE_TEXT = "select text from articles where id = $1";
        /// The story of a digest.
        DIGEST_GET = "select story_id from digests where digest = $1";
        /// Articles of a story at one outlet.
        OUTLET_COUNT = "select count(*) from articles where story_id = $1 and source_id = $2";
        /// Topics of the configuration that are still to be matched with what is stored.
        BACKLOG = "select id, backfilled_to, query_digest from topics
            where removed_at is null and backfilled_to is not null";
        /// Topics of the configuration.
        TOPICS = "select id, query_digest from topics where removed_at is null";
        /// Stored texts after an article, oldest first.
        TEXTS = "select id, story_id, source_id, url, title, text, author, origin, language, first_seen_at from articles
            where id > $1 order by id limit $2";
        /// The same, without those first seen before an instant.
        TEXTS_SINCE = "select id, story_id, source_id, url, title, text, author, origin, language, first_seen_at from articles
            where id > $1 and first_seen_at >= $2 order by id limit $3";
        /// The stored text of the newest article with this address or key.
        TEXT_AT = "select id, story_id, source_id, url, title, text, author, origin, language, first_seen_at from articles
            where key = $1 or url = $1 order by id desc limit 1";
        /// The number of the newest article.
        NEWEST_ARTICLE = "select coalesce(max(id), 0) from articles";
        /// What a topic matches since an instant.
        TOPIC_MATCHED = "select m.article_id from matches m join articles a on a.id = m.article_id
            where m.topic_id = $1 and a.first_seen_at >= $2 order by m.article_id";
        /// Changes after a number.
        CHANGES = "select number, kind, story_id, article_id, source_id, title, url, at from changes
            where number > $1 order by number limit $2";
        /// Changes of a topic after a number.
        CHANGES_TOPIC = "select c.number, c.kind, c.story_id, c.article_id, c.source_id, c.title, c.url, c.at
            from change_topics ct join changes c on c.number = ct.number
            where ct.topic_id = $3 and ct.number > $1 order by ct.number limit $2";
        /// Edits and takedowns, the newest first: of all articles, and of a topic's.
        EDITS = "select number, kind, story_id, article_id, source_id, title, url, at from changes
            where kind in ('article_revised', 'article_gone') order by number desc limit $1";
        EDITS_TOPIC = "select c.number, c.kind, c.story_id, c.article_id, c.source_id, c.title, c.url, c.at
            from change_topics ct join changes c on c.number = ct.number
            where ct.topic_id = $2 and c.kind in ('article_revised', 'article_gone') order by ct.number desc limit $1";
        /// Whom changes concern.
        CHANGE_TOPICS = "select number, topic_id from change_topics where number > $1 and number <= $2
            order by number, topic_id";
        /// Sources of the configuration, or one of them, with the state of their listing.
        STANDINGS = "select s.id, s.name, s.url, t.last_visit_at, t.last_success_at, t.next_visit_at,
                coalesce(t.failures, 0) as failures, t.outcome, t.reason, t.status,
                coalesce(t.entries_seen, 0) as entries_seen, coalesce(t.entries_new, 0) as entries_new, t.last_new_at,
                t.state as health, t.state_since as health_since, t.news_every_s,
                coalesce(t.missed, 0) as missed, s.paused_at, s.expect_every_s,
                (select count(*) from targets h where h.source_id = s.id and h.held_at is not null) as held,
                (select min(h.held_at) from targets h where h.source_id = s.id and h.held_at is not null) as held_since
            from sources s left join targets t on t.source_id = s.id and t.kind = 'listing'
            where s.removed_at is null and (cast($1 as text) is null or s.id = $1) order by s.id";
        /// Titles of the newest articles of a source.
        TITLES = "select a.title, t.entry ->> 'title' from articles a left join targets t on t.id = a.target_id
            where a.source_id = $1 order by a.id desc limit $2";
        /// How many articles each source has, and how many of its pages wait for their first good visit.
        ARTICLES_BY_SOURCE = "select source_id, count(*) from articles group by source_id";
        PENDING_BY_SOURCE = "select source_id, count(*) from targets where kind = 'article'
            and next_visit_at is not null and last_success_at is null group by source_id";
        /// The same of one.
        SOURCE_COUNTS = "select (select count(*) from articles where source_id = $1),
                (select count(*) from targets where source_id = $1 and kind = 'article'
                    and next_visit_at is not null and last_success_at is null)";
        /// The last visits of a source, newest first.
        VISITS = "select kind, url, at, duration_ms, outcome, note, status, body_bytes, charset_header, charset_document,
                charset_used, charset_decided, garbled, entries_seen, entries_new, articles_new, turn_ms, connect_ms,
                first_byte_ms, body_ms, read_ms
            from visits where source_id = $1 and (cast($2 as text) is null or kind = $2) order by id desc limit $3";
        /// Counts.
        TOTALS = "select (select count(*) from articles) as articles, (select count(*) from stories) as stories,
                (select coalesce(max(number), 0) from changes) as changes,
                (select count(*) from targets where next_visit_at <= $1
                    and source_id not in (select id from sources where paused_at is not null)) as due,
                (select count(*) from leases where expires_at > $1) as leases";
        /// Since when the longest-waiting target is due.
        OLDEST_DUE = "select min(next_visit_at) from targets where next_visit_at <= $1
            and source_id not in (select id from sources where paused_at is not null)";
        /// Topics that matched a story.
        STORY_TOPICS = "select distinct topic_id from matches where story_id = $1 order by topic_id";
        /// Articles of a story, first seen first.
        STORY_ARTICLES = "select id, source_id, url, title, joined, digest, sketch, first_seen_at from articles
            where story_id = $1 order by id";
        /// The story and identity of the newest article with this address or key.
        ARTICLE_AT = "select story_id, id, digest, source_id, title, url from articles where key = $1 or url = $1
            order by id desc limit 1";
        /// An article.
        ARTICLE_ROW = "select s.number, a.id, a.story_id, a.source_id, a.url, a.title, a.text, a.html, a.published_at,
                a.modified_at, a.author, a.origin, a.language, a.image, a.first_seen_at, a.revised_at, a.revision, a.facts
            from articles a join stories s on s.id = a.story_id where a.id = $1";
        /// Topics that matched an article.
        ARTICLE_TOPICS = "select topic_id from matches where article_id = $1 order by topic_id";
        /// The newest states of an article, the present one first, of very long texts the beginning.
        VERSIONS = "select revision, title, substr(text, 1, 200000) as text, seen_at from revisions where article_id = $1
            union all select revision, title, substr(text, 1, 200000), revised_at from articles where id = $1
            order by revision desc limit $2";
        /// Those of them that began at an instant or before, the last two.
        VERSIONS_UPTO = "select revision, title, substr(text, 1, 200000) as text, seen_at from revisions
                where article_id = $1 and seen_at <= $2
            union all select revision, title, substr(text, 1, 200000), revised_at from articles
                where id = $1 and revised_at <= $2
            order by revision desc limit 2";
        /// Revisions of an article, oldest first, without the present one.
        REVISIONS = "select revision, title, text, seen_at from revisions where article_id = $1 order by revision";
        /// Sinks of the configuration.
        SINKS = "select id, cursor, state, added_at, trying_to, tries, failing_since, next_try_at, last_error, last_status,
                last_success_at, delivered, holder, lease_until,
                (select count(*) from dead_letters d where d.sink_id = sinks.id) as dead
            from sinks where removed_at is null order by id";
        /// One of them.
        SINK = "select id, cursor, state, added_at, trying_to, tries, failing_since, next_try_at, last_error, last_status,
                last_success_at, delivered, holder, lease_until,
                (select count(*) from dead_letters d where d.sink_id = sinks.id) as dead
            from sinks where removed_at is null and id = $1";
        /// What a sink would not take, oldest first.
        DEAD_LETTERS = "select number, at, tries, status, reason from dead_letters where sink_id = $1
            order by number limit $2";
        /// The first of it that is to be tried once more.
        DEAD_AGAIN = "select number, at, tries, status, reason from dead_letters where sink_id = $1 and again
            order by number limit 1";
    }
    differ {
        /// Articles of some periods, and since an instant, that share bands, most of them first.
        CANDIDATES =
            "select a.id, a.story_id, a.title, a.origin, s.name as outlet, a.sketch from (
                select b.article_id, count(*) as shared from bands b
                    join articles l on l.id = b.article_id and l.sketch is not null and l.first_seen_at >= $4
                where b.period = any (array(select cast(jsonb_array_elements_text(cast($2 as jsonb)) as integer)))
                    and b.hash = any (array(select cast(jsonb_array_elements_text(cast($1 as jsonb)) as bigint)))
                group by b.article_id order by count(*) desc, b.article_id limit $3) c
                join articles a on a.id = c.article_id join sources s on s.id = a.source_id
                order by c.shared desc, a.id" |
            "select a.id, a.story_id, a.title, a.origin, s.name as outlet, a.sketch from (
                select b.article_id, count(*) as shared from bands b
                    cross join articles l on l.id = b.article_id and l.sketch is not null and l.first_seen_at >= $4
                where b.period in (select value from json_each($2)) and b.hash in (select value from json_each($1))
                group by b.article_id order by count(*) desc, b.article_id limit $3) c
                join articles a on a.id = c.article_id join sources s on s.id = a.source_id
                order by c.shared desc, a.id";
        /// Which of the keys are targets.
        KEYS_KNOWN =
            "select key from targets where key in (select jsonb_array_elements_text(cast($1 as jsonb)))" |
            "select key from targets where key in (select value from json_each($1))";
        /// Which of the keys are articles, and in which state.
        ARTICLES_KNOWN =
            "select key, source_id, from_page, title, digest from articles
                where key in (select jsonb_array_elements_text(cast($1 as jsonb)))" |
            "select key, source_id, from_page, title, digest from articles
                where key in (select value from json_each($1))";
        /// Who ran the stories.
        OUTLETS =
            "select a.story_id, a.source_id, s.name, a.url, a.title, a.first_seen_at
                from articles a join sources s on s.id = a.source_id
                where a.story_id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as bigint))
                order by a.story_id, a.id" |
            "select a.story_id, a.source_id, s.name, a.url, a.title, a.first_seen_at
                from articles a join sources s on s.id = a.source_id
                where a.story_id in (select value from json_each($1))
                order by a.story_id, a.id";
        /// Which topics matched the stories, and why.
        STORY_MATCHES =
            "select m.story_id, m.topic_id, m.score, m.evidence
                from matches m join topics t on t.id = m.topic_id and t.removed_at is null
                where m.story_id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as bigint))
                order by m.story_id, m.topic_id, m.article_id" |
            "select m.story_id, m.topic_id, m.score, m.evidence
                from matches m join topics t on t.id = m.topic_id and t.removed_at is null
                where m.story_id in (select value from json_each($1))
                order by m.story_id, m.topic_id, m.article_id";
    }
    vary {
        /// Due targets of each of some hosts: listings first, then pages that were never had, then, of the `$5` others that fell due
        /// last, the newest; up to `$4` of each kind. Each is found by the order of an index, however many are due.
        DUE_TARGETS =
            "select t.host, t.id, source_id, kind, url, etag, last_modified, failures, first_seen_at, last_visit_at,
                last_success_at, entry, state, shapes, documents, last_new_at, news_every_s, pace
            from "
            ("jsonb_array_elements_text(cast($1 as jsonb)) as hosts (value)
            cross join lateral (" | "json_each($1) as hosts cross join targets t where t.id in (")
            "
                select id from (select id from targets where host = hosts.value
                        and (case when kind = 'listing' then 0 when last_success_at is null then 1 else 2 end) = 0
                        and next_visit_at <= $2 and (last_visit_at is null or last_visit_at < $3)
                        and exists (select 1 from sources s where s.id = source_id and s.removed_at is null and s.paused_at is null)
                        order by next_visit_at, id limit $4) as listings
                    union all select id from (select id from targets where host = hosts.value
                        and (case when kind = 'listing' then 0 when last_success_at is null then 1 else 2 end) = 1
                        and next_visit_at <= $2 and (last_visit_at is null or last_visit_at < $3)
                        and exists (select 1 from sources s where s.id = source_id and s.removed_at is null and s.paused_at is null)
                        order by next_visit_at, id limit $4) as never_had
                    union all select id from (select id from (select id, first_seen_at from targets where host = hosts.value
                        and (case when kind = 'listing' then 0 when last_success_at is null then 1 else 2 end) = 2
                        and next_visit_at <= $2 and (last_visit_at is null or last_visit_at < $3)
                        and exists (select 1 from sources s where s.id = source_id and s.removed_at is null and s.paused_at is null)
                        order by next_visit_at desc, id desc limit $5) as latest
                        order by first_seen_at desc, id limit $4) "
            ("as again) as due
            join targets t on t.id = due.id" | "as again)")
            "
            order by t.host, (case when kind = 'listing' then 0 when last_success_at is null then 1 else 2 end),
                case when kind = 'article' and last_success_at is not null then first_seen_at end desc,
                next_visit_at, t.id";
    }
}
