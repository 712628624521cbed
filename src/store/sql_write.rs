//! Statements that write. What they do is said where they are used.

super::sql::statements! {
    same {
        /// Writes a fact once.
        FACT_SET = "insert into meta (key, value) values ($1, $2) on conflict (key) do nothing";
        /// Reads it.
        FACT_GET = "select value from meta where key = $1";
        /// Adds or renames a source.
        SOURCE_SET = "insert into sources (id, name, url, added_at, settings, expect_every_s) values ($1, $2, $3, $4, $5, $6)
            on conflict (id) do update set name = excluded.name, url = excluded.url, removed_at = null,
                settings = excluded.settings, expect_every_s = excluded.expect_every_s";
        /// Adds a listing.
        LISTING_NEW = "insert into targets (source_id, kind, key, url, host, first_seen_at, next_visit_at)
            values ($1, $2, $3, $4, $5, $6, $6)
            on conflict (key) do nothing";
        /// Makes a listing due whose address changed, that rested, that is planned for after `$5`, or, if it does not fail, after `$6`. Others are not touched:
        /// whoever records visits locks them in another order.
        LISTING_MOVE = "update targets set
                host = $3,
                etag = case when url = $2 then etag end,
                last_modified = case when url = $2 then last_modified end,
                failures = case when url = $2 then failures else 0 end,
                pace = case when url = $2 then pace end,
                next_visit_at = $4,
                url = $2
            where key = $1 and (url <> $2 or next_visit_at is null or next_visit_at > $5
                or (failures = 0 and next_visit_at > $6))";
        /// Forgets the matches of a topic whose query is no longer `$2`.
        TOPIC_MATCHES_FORGET = "delete from matches where topic_id = $1
            and exists (select 1 from topics where topics.id = $1 and topics.query_digest <> $2)";
        /// Forgets its feed.
        TOPIC_STORIES_FORGET = "delete from topic_stories where topic_id = $1
            and exists (select 1 from topics where topics.id = $1 and topics.query_digest <> $2)";
        /// Adds or changes a topic; new and changed ones are to be matched with everything stored.
        TOPIC_SET = "insert into topics (id, title, query_digest, changed_at, backfilled_to) values ($1, $2, $3, $4, 0)
            on conflict (id) do update set
                title = excluded.title,
                backfilled_to = case when topics.query_digest = excluded.query_digest and topics.removed_at is null
                    then topics.backfilled_to else 0 end,
                changed_at = case when topics.query_digest = excluded.query_digest
                    then topics.changed_at else excluded.changed_at end,
                query_digest = excluded.query_digest,
                removed_at = null";
        /// Notes how far a topic has been matched with what is stored.
        TOPIC_BACKFILLED = "update topics set backfilled_to = $2
            where id = $1 and query_digest = $3 and removed_at is null and backfilled_to = $4 returning id";
        /// Notes that it has been matched with all, if nothing was stored after the article that was last matched.
        TOPIC_BACKFILL_DONE = "update topics set backfilled_to = null
            where id = $1 and query_digest = $2 and removed_at is null and backfilled_to = $3
                and not exists (select 1 from articles where id > $3) returning id";
        /// Has a topic matched again with an article and what came after it.
        TOPIC_BEHIND = "update topics set backfilled_to = $2
            where id = $1 and (backfilled_to is null or backfilled_to > $2)";
        /// Forgets what topics matched that were removed before an instant, and them.
        TOPIC_MATCHES_DROP = "delete from matches where topic_id in (select id from topics where removed_at < $1)";
        TOPIC_STORIES_DROP = "delete from topic_stories
            where topic_id in (select id from topics where removed_at < $1)";
        TOPIC_CHANGES_DROP = "delete from change_topics
            where topic_id in (select id from topics where removed_at < $1)";
        TOPICS_DROP = "delete from topics where removed_at < $1";
        /// Keeps it.
        RENEW = "update leases set expires_at = $3 where host = $1 and holder = $2 returning host";
        /// Gives all of a holder's hosts back.
        RELEASE_ALL = "delete from leases where holder = $1";
        /// Adds a target, unless it is known.
        TARGET_NEW = "insert into targets (source_id, kind, key, url, host, entry, first_seen_at, next_visit_at)
            select $1, $2, $3, $4, $5, $6, $7,
                case when sources.removed_at is not null then null when 1 = 1 then $8 else sources.removed_at end
            from sources where sources.id = $1 on conflict (key) do nothing returning id";
        /// Notes what a listing held; of one that held nothing, what it held before stays known.
        LISTING_RECORD = "update targets set entries_seen = $2, entries_new = $3,
                last_new_at = case when cast($3 as bigint) > 0 then $4 else last_new_at end, shapes = coalesce($5, shapes),
                documents = coalesce($6, documents), news_every_s = coalesce($7, news_every_s)
            where id = $1";
        /// Makes the listing of a source due, unless it is paused.
        SOURCE_POLL = "update targets set next_visit_at = $2
            where source_id = $1 and kind = 'listing' and exists
                (select 1 from sources where sources.id = $1 and removed_at is null and paused_at is null)";
        /// Has a source not visited; since when stays as it was.
        SOURCE_PAUSE = "update sources set paused_at = coalesce(paused_at, $2) where id = $1 and removed_at is null";
        /// Has it visited again.
        SOURCE_RESUME = "update sources set paused_at = null where id = $1 and removed_at is null";
        /// Keeps a page back that would be visited.
        TARGET_HOLD = "update targets set held_at = $2 where id = $1";
        /// Has what is held back of a source visited.
        HELD_RELEASE = "update targets set held_at = null, next_visit_at = $2
            where source_id = $1 and held_at is not null
                and exists (select 1 from sources where sources.id = $1 and removed_at is null)";
        /// Counts what is held back of a source as seen.
        HELD_DISMISS = "update targets set held_at = null, entry = null where source_id = $1 and held_at is not null";
        /// The same for all that is held back for long.
        HELD_EXPIRE = "update targets set held_at = null, entry = null where held_at < $1";
        /// Lets a target rest for good.
        TARGET_REST = "update targets set next_visit_at = null where id = $1";
        /// Puts a target off that is not to be visited yet.
        TARGET_PUT_OFF = "update targets set next_visit_at = $2 where id = $1 and next_visit_at is not null";
        /// Makes due what was visited after `$2`, which is still to come.
        TARGETS_BRING_FORWARD = "update targets set next_visit_at = $1 where next_visit_at > $1 and last_visit_at > $2";
        /// Puts off everything of a host that would be due before.
        HOST_PUT_OFF = "update targets set next_visit_at = $2 where host = $1 and next_visit_at < $2";
        /// Puts off the due revisits of a host, and lets pages rest that are too old for more.
        REVISITS_PUT_OFF = "update targets set
                next_visit_at = case when first_seen_at < $4 then null when 1 = 1 then $3 else last_visit_at end
            where host = $1 and next_visit_at <= $2
                and (case when kind = 'listing' then 0 when last_success_at is null then 1 else 2 end) = 2";
        /// Puts a target off after a visit that could not be recorded.
        TARGET_POSTPONE = "update targets set next_visit_at = $2, last_visit_at = $3, failures = failures + 1,
                outcome = 'unreadable', reason = $4 where id = $1";
        /// Lets the page of a deleted article rest, and forgets what its listing said.
        TARGET_FORGET = "update targets set next_visit_at = null, entry = null
            where kind = 'article' and (id = $1 or key = $2)";
        /// Has everything of a source read anew whose settings are no longer `$3`: no answer counts as unchanged.
        SOURCE_REREAD = "update targets set etag = null, last_modified = null, failures = 0,
                next_visit_at = case when kind = 'listing' then $2 else next_visit_at end
            where source_id = $1
                and exists (select 1 from sources where sources.id = $1 and sources.settings <> $3)";
        /// Wakes the pages that wait for their first good visit, when their source was removed or its settings are no longer `$3`.
        SOURCE_WAKE = "update targets set next_visit_at = $2
            where source_id = $1 and kind = 'article' and last_success_at is null and entry is not null
                and held_at is null and exists (select 1 from sources where sources.id = $1
                    and (sources.removed_at is not null or (sources.settings <> $3 and targets.first_seen_at > $4)))";
        /// Begins a story.
        STORY_NEW = "insert into stories (number, first_seen_at) values ($1, $2) returning id";
        /// Sets a fact.
        FACT_PUT = "insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value";
        /// Gives an article another digest, if it has another.
        ARTICLE_RESTAMP = "update articles set digest = $2 where id = $1 and digest <> $2";
        /// Says which story a digest belongs to; the first to say so is right.
        DIGEST_NEW = "insert into digests (digest, story_id) values ($1, $2) on conflict (digest) do nothing";
        /// Adds an article.
        ARTICLE_NEW = "insert into articles (story_id, source_id, target_id, key, url, from_page, title, text, html,
                published_at, modified_at, author, origin, language, image, digest, first_seen_at, revised_at, revision,
                facts)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, 1, $18) returning id";
        /// Notes how an article came to its story, and what tells its copies.
        ARTICLE_LIKENESS = "update articles set sketch = $2, joined = coalesce($3, joined) where id = $1";
        /// Forgets by which bands articles from before a period are found.
        BANDS_FORGET = "delete from bands where period < $1";
        /// Moves articles of a digest to another story.
        ARTICLES_MOVE = "update articles set story_id = $3, joined = 'split' where story_id = $1 and digest = $2 returning id";
        /// Moves their matches too.
        MATCHES_MOVE = "update matches set story_id = $2 where article_id = $1";
        /// Has a digest of a story belong to another one, and what an article said before that no other of the story says.
        DIGEST_MOVE = "update digests set story_id = $3 where digest = $1 and story_id = $2";
        DIGESTS_MOVE = "update digests set story_id = $3 where story_id = $2
            and digest in (select digest from revisions where article_id = $1)
            and not exists (select 1 from articles where articles.story_id = $2 and articles.digest = digests.digest)";
        /// Brings a story into the feeds of the topics that match its articles.
        TOPIC_STORIES_MATCHED = "insert into topic_stories (topic_id, story_id, number, backfill)
            select distinct topic_id, story_id, cast($2 as bigint), false from matches where story_id = $1
            on conflict (topic_id, story_id) do nothing";
        /// Takes a story out of the feeds of topics that match none of its articles.
        TOPIC_STORIES_UNMATCHED = "delete from topic_stories where story_id = $1 and not exists (select 1 from matches
            where matches.story_id = topic_stories.story_id and matches.topic_id = topic_stories.topic_id)";
        /// Changes an article's content.
        ARTICLE_SET = "update articles set target_id = coalesce($2, target_id), from_page = $3, title = $4, text = $5,
                html = $6, published_at = coalesce($7, published_at), modified_at = coalesce($8, modified_at),
                author = coalesce($9, author), origin = coalesce($10, origin), language = coalesce($11, language),
                image = coalesce($12, image), digest = $13, revised_at = $14, revision = $15, gone_at = null,
                facts = coalesce($16, facts)
            where id = $1";
        /// Keeps a state of an article that is about to be replaced.
        REVISION_NEW = "insert into revisions (article_id, revision, title, text, digest, seen_at)
            select id, revision, title, text, digest, revised_at from articles where id = $1
            on conflict (article_id, revision) do nothing";
        /// Marks the article of a page as taken down, once.
        ARTICLE_GONE = "update articles set gone_at = $2 where target_id = $1 and gone_at is null
            returning id, story_id, source_id, title, url";
        /// Forgets what matched an article.
        MATCHES_FORGET = "delete from matches where article_id = $1";
        /// Notes that a topic matched an article.
        MATCH_NEW = "insert into matches (topic_id, article_id, story_id, score, evidence, backfill, matched_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (topic_id, article_id) do update set score = excluded.score, evidence = excluded.evidence";
        /// Brings a story into a topic's feed, unless it is there.
        TOPIC_STORY_NEW = "insert into topic_stories (topic_id, story_id, number, backfill) values ($1, $2, $3, $4)
            on conflict (topic_id, story_id) do nothing returning number";
        /// Notes that a topic matched an article that was there before it, if it still is.
        MATCH_BACKFILL = "insert into matches (topic_id, article_id, story_id, score, evidence, backfill, matched_at)
            select $1, articles.id, articles.story_id, $3, $4, $5, $6 from articles where articles.id = $2
            on conflict (topic_id, article_id) do update set score = excluded.score, evidence = excluded.evidence";
        /// Brings the story of that article into the topic's feed; its place is by when it was new.
        TOPIC_STORY_BACKFILL = "insert into topic_stories (topic_id, story_id, number, backfill)
            select $1, stories.id, stories.number, $3 from articles join stories on stories.id = articles.story_id
                where articles.id = $2
            on conflict (topic_id, story_id) do nothing";
        /// Appends to the log.
        CHANGE_NEW = "insert into changes (number, kind, story_id, article_id, source_id, title, url, at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)";
        /// Says whom it concerns.
        CHANGE_TOPIC_NEW = "insert into change_topics (topic_id, number) values ($1, $2) on conflict do nothing";
        /// Deletes articles from before `$1`, at most `$2`.
        ARTICLES_DELETE = "delete from articles where id in
            (select id from articles where first_seen_at < $1 order by first_seen_at limit $2) returning story_id, target_id, key";
        /// Takes stories without articles out of the topics' feeds.
        TOPIC_STORIES_DELETE = "delete from topic_stories where story_id = $1
            and not exists (select 1 from articles where articles.story_id = $1)";
        /// Adds a sink at the head of the log; one that was there before goes on where it was.
        SINK_NEW = "insert into sinks (id, cursor, state, added_at)
            select $1, coalesce(max(number), 0), 'active', $2 from changes where number > 0
            on conflict (id) do update set removed_at = null";
        /// Takes a sink, if it is where it is thought to be, notes where its message ends, and says until when.
        SINK_CLAIM = "update sinks set holder = $2, lease_until = $4, trying_to = coalesce(trying_to, $6)
            where id = $1 and cursor = $5 and state = 'active' and removed_at is null
                and (lease_until is null or lease_until <= $3 or holder = $2) returning id";
        /// Gives all of a holder's sinks back.
        SINKS_RELEASE = "update sinks set holder = null, lease_until = null where holder = $1";
        /// Moves a sink on past what it was told.
        SINK_MOVE = "update sinks set trying_to = case when $4 > cursor then null else trying_to end, cursor = $4, tries = 0,
                failing_since = null, next_try_at = null, last_error = null, last_status = null, last_success_at = $5,
                delivered = delivered + $6
            where id = $1 and holder = $2 and cursor = $3 returning id";
        /// Moves a sink that nobody else holds on past what does not concern it.
        SINK_PASS = "update sinks set cursor = $4, trying_to = null
            where id = $1 and cursor = $3 and (trying_to is null or trying_to <= $4)
            and (lease_until is null or lease_until <= $5 or holder = $2) returning id";
        /// Notes that a sink was not told.
        SINK_FAIL = "update sinks set tries = tries + 1, failing_since = coalesce(failing_since, $4), next_try_at = $5,
                last_error = $6, last_status = $7, trying_to = $8, state = $9
            where id = $1 and holder = $2 and cursor = $3 returning id";
        /// Moves a sink on past what it would not take.
        SINK_BURY = "update sinks set cursor = $3, trying_to = null, tries = 0, failing_since = null, next_try_at = null
            where id = $1 and cursor = $2 returning id";
        /// Keeps what it would not take.
        DEAD_NEW = "insert into dead_letters (sink_id, number, at, tries, status, reason) values ($1, $2, $3, $4, $5, $6)
            on conflict (sink_id, number) do update set at = excluded.at, tries = excluded.tries,
                status = excluded.status, reason = excluded.reason, again = false";
        /// Notes that it would not take it once more.
        DEAD_STAYS = "update dead_letters set at = $3, tries = tries + 1, status = $4, reason = $5, again = false
            where sink_id = $1 and number = $2";
        /// Forgets what it has taken after all.
        DEAD_DONE = "delete from dead_letters where sink_id = $1 and number = $2";
        /// Has all that a sink would not take tried once more.
        DEAD_MARK = "update dead_letters set again = true where sink_id = $1";
        /// Lets a sink go on at once, also one that stopped.
        SINK_RESUME = "update sinks set state = 'active', tries = 0, failing_since = null, next_try_at = null
            where id = $1 and removed_at is null returning id";
        /// Sets a sink back, and lets it go on.
        SINK_REWIND = "update sinks set cursor = $2, trying_to = null, state = 'active', tries = 0, failing_since = null,
                next_try_at = null, last_error = null, last_status = null
            where id = $1 and cursor >= $2 and removed_at is null returning id";
    }
    differ {
        /// Marks sinks that are not in the list as removed.
        SINKS_LEAVE =
            "update sinks set removed_at = $2, holder = null, lease_until = null where removed_at is null
                and id not in (select jsonb_array_elements_text(cast($1 as jsonb)))" |
            "update sinks set removed_at = $2, holder = null, lease_until = null where removed_at is null
                and id not in (select value from json_each($1))";
        /// Forgets all but the newest visits of the sources of some, leaving those that another transaction is forgetting.
        VISITS_FORGET =
            "delete from visits where id in (select d.id
                from jsonb_to_recordset(cast($1 as jsonb)) as v (source_id text, kind text)
                join visits d on d.source_id = v.source_id and d.kind = v.kind and d.id <= (select o.id from visits o
                    where o.source_id = v.source_id and o.kind = v.kind order by o.id desc limit 1 offset $2)
                for update of d skip locked)" |
            "delete from visits where id in (select d.id
                from (select value ->> 'source_id' as source_id, value ->> 'kind' as kind from json_each($1)) as v
                cross join visits d on d.source_id = v.source_id and d.kind = v.kind and d.id <= (select o.id from visits o
                    where o.source_id = v.source_id and o.kind = v.kind order by o.id desc limit 1 offset $2))";
        /// Notes by which bands an article is found.
        BANDS_NEW =
            "insert into bands (period, hash, article_id)
                select cast($1 as integer), cast(jsonb_array_elements_text(cast($3 as jsonb)) as bigint), cast($2 as bigint)
                on conflict do nothing" |
            "insert into bands (period, hash, article_id) select $1, value, $2 from json_each($3) where true
                on conflict do nothing";
        /// Lets the targets of sources that are not in the list rest.
        TARGETS_REST =
            "update targets set next_visit_at = null where next_visit_at is not null
                and source_id not in (select jsonb_array_elements_text(cast($1 as jsonb)))" |
            "update targets set next_visit_at = null where next_visit_at is not null
                and source_id not in (select value from json_each($1))";
        /// Marks sources that are not in the list as removed.
        SOURCES_LEAVE =
            "update sources set removed_at = $2 where removed_at is null
                and id not in (select jsonb_array_elements_text(cast($1 as jsonb)))" |
            "update sources set removed_at = $2 where removed_at is null
                and id not in (select value from json_each($1))";
        /// Marks topics that are not in the list as removed.
        TOPICS_LEAVE =
            "update topics set removed_at = $2 where removed_at is null
                and id not in (select jsonb_array_elements_text(cast($1 as jsonb)))" |
            "update topics set removed_at = $2 where removed_at is null
                and id not in (select value from json_each($1))";
        /// Gives some back.
        RELEASE = "delete from leases where holder = $2 and host in (select jsonb_array_elements_text(cast($1 as jsonb)))" |
            "delete from leases where holder = $2 and host in (select value from json_each($1))";
        /// Takes hosts. In one order, so that two who want the same do not wait for each other.
        CLAIM =
            "insert into leases (host, holder, expires_at)
                select value, $2, $3 from jsonb_array_elements_text(cast($1 as jsonb)) as hosts (value) order by value
                on conflict (host) do update set holder = excluded.holder, expires_at = excluded.expires_at
                where leases.expires_at <= $4 or leases.holder = excluded.holder returning host" |
            "insert into leases (host, holder, expires_at) select value, $2, $3 from json_each($1) where true
                on conflict (host) do update set holder = excluded.holder, expires_at = excluded.expires_at
                where leases.expires_at <= $4 or leases.holder = excluded.holder returning host";
        /// The one lock of whoever appends changes. SQLite has its one writer.
        LOG_LOCK = "select pg_advisory_xact_lock(7310447)" | "select 1";
    }
    vary {
        /// Notes how visits ended, and how listings are doing; targets of removed sources stay at rest. A listing that became due
        /// while it was visited, by an order or other settings, stays so, and what was to be read anew is.
        /// One row stands for many. SQLite need not be able to undo it alone: who fails gives up the transaction.
        TARGETS_RECORD =
            "with v (id, at, success_at, next_visit_at, failures, outcome, note, status, etag, last_modified,
                pace, missed, host, state, noted_at)
                as (values ("
            ("$1::bigint, $2::timestamptz, $3::timestamptz, $4::timestamptz, $5::bigint, $6::text, $7::text,
                    $8::bigint, $9::text, $10::text, $11::jsonb, $12::bigint, $13::text, $14::text, $15::timestamptz"
                | "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?")
            "))
            "
            ("update targets" | "update or fail targets")
            " set last_visit_at = v.at, last_success_at = coalesce(v.success_at, targets.last_success_at),
                next_visit_at = case when exists
                    (select 1 from sources where sources.id = targets.source_id and sources.removed_at is not null)
                    then null
                    when targets.kind = 'listing' and targets.next_visit_at > v.at and targets.next_visit_at <= v.noted_at
                    then targets.next_visit_at else v.next_visit_at end,
                failures = v.failures, outcome = v.outcome, reason = v.note, status = v.status,
                etag = case when targets.etag is null and targets.last_modified is null and targets.kind = 'listing'
                    and targets.next_visit_at > v.at and targets.next_visit_at <= v.noted_at then null else v.etag end,
                last_modified = case when targets.etag is null and targets.last_modified is null
                    and targets.kind = 'listing' and targets.next_visit_at > v.at
                    and targets.next_visit_at <= v.noted_at then null else v.last_modified end,
                pace = v.pace, missed = v.missed, host = v.host,
                state_since = case when v.state is null or v.state = targets.state then targets.state_since else v.noted_at end,
                state = coalesce(v.state, targets.state)
            from v where targets.id = v.id";
        /// Notes visits.
        /// One row stands for many.
        VISITS_NEW =
            "with v (source_id, kind, url, at, duration_ms, outcome, note, status, body_bytes, charset_header,
                charset_document, charset_used, charset_decided, garbled, entries_seen, entries_new, articles_new,
                turn_ms, connect_ms, first_byte_ms, body_ms, read_ms)
                as (values ("
            ("$1::text, $2::text, $3::text, $4::timestamptz, $5::bigint, $6::text, $7::text, $8::bigint,
                    $9::bigint, $10::text, $11::text, $12::text, $13::text, $14::float8, $15::bigint, $16::bigint,
                    $17::bigint, $18::bigint, $19::bigint, $20::bigint, $21::bigint, $22::bigint"
                | "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?")
            "))
            insert into visits (source_id, kind, url, at, duration_ms, outcome, note, status, body_bytes, charset_header,
                charset_document, charset_used, charset_decided, garbled, entries_seen, entries_new, articles_new,
                turn_ms, connect_ms, first_byte_ms, body_ms, read_ms)
            select v.* from v where source_id is not null";
    }
}
