//! Statements of feeds, their archives and their keys. What they do is said where they are used.

super::sql::statements! {
    same {
        /// Places of all stories, newest first.
        PLACES_ALL = "select s.id as story, s.number, s.version, s.changed_at from stories s
            where s.alive and s.number > $1 and s.number <= $2 and s.first_seen_at >= $4
                and (cast($3 as text) is null or exists
                    (select 1 from source_stories x where x.source_id = $3 and x.story_id = s.id))
                and cast($6 as text) is null
            order by s.number desc limit $5";
        /// Places of a topic's stories, newest first.
        PLACES_TOPIC = "select s.id as story, t.number, s.version, s.changed_at
            from topic_stories t join stories s on s.id = t.story_id
            where t.topic_id = $6 and t.number > $1 and t.number <= $2 and s.alive and s.first_seen_at >= $4
                and (cast($3 as text) is null or exists
                    (select 1 from source_stories x where x.source_id = $3 and x.story_id = s.id))
            order by t.number desc, s.id desc limit $5";
        /// Places of a source's stories, newest first.
        PLACES_SOURCE = "select s.id as story, t.number, s.version, s.changed_at
            from source_stories t join stories s on s.id = t.story_id
            where t.source_id = $6 and t.number > $1 and t.number <= $2 and s.alive and s.first_seen_at >= $4
                and (cast($3 as text) is null or exists
                    (select 1 from source_stories x where x.source_id = $3 and x.story_id = s.id))
            order by t.number desc, s.id desc limit $5";
        /// The topic's query, and how far it has been matched with what is stored.
        TOPIC_STATE = "select query_digest, backfilled_to from topics where id = $1 and removed_at is null";
        /// Whether a source is configured.
        SOURCE_NAME = "select name from sources where id = $1 and removed_at is null";
        /// The newest archive page of a feed.
        ARCHIVE_NEWEST = "select page, last_number, stories, gone from archives where feed = $1 order by page desc limit 1";
        /// An archive page of it, and where the one before ends.
        ARCHIVE_PAGE = "select page, last_number, stories, gone from archives where feed = $1 and page = $2";
        /// Adds an archive page, unless somebody did.
        ARCHIVE_NEW = "insert into archives (feed, page, last_number, stories) values ($1, $2, $3, $4)
            on conflict (feed, page) do nothing";
        /// What an archive page says for good.
        ARCHIVE_KEPT = "select kept from archives where feed = $1 and page = $2 and not gone";
        /// Has it say that, unless it says something already.
        ARCHIVE_KEEP = "update archives set kept = $3, oldest_at = $4
            where feed = $1 and page = $2 and kept is null and not gone";
        /// Has an archive page be gone.
        ARCHIVE_LEAVE = "update archives set kept = null, oldest_at = null, gone = true where feed = $1 and page = $2";
        /// A story from between two changes of which nothing is left.
        STORY_DEAD = "select id from stories where not alive and number > $1 and number <= $2 limit 1";
        /// Has those be gone of which something is too old.
        ARCHIVES_LEAVE = "update archives set kept = null, oldest_at = null, gone = true where oldest_at < $1";
        /// Every topic, also those that were removed, with what is asked for.
        TOPICS_KNOWN = "select id, query_digest from topics";
        /// Where the pages end that are full: every so many stories of a feed after a number.
        ENDS_ALL = "select number from (select number, row_number() over (order by number) as n from stories
            where alive and number > $1 and cast($4 as text) is null) x where n % $2 = 0 order by number limit $3";
        ENDS_TOPIC = "select number from (select t.number, row_number() over (order by t.number, t.story_id) as n
            from topic_stories t join stories s on s.id = t.story_id and s.alive
            where t.topic_id = $4 and t.number > $1) x where n % $2 = 0 order by number limit $3";
        ENDS_SOURCE = "select number from (select t.number, row_number() over (order by t.number, t.story_id) as n
            from source_stories t join stories s on s.id = t.story_id and s.alive
            where t.source_id = $4 and t.number > $1) x where n % $2 = 0 order by number limit $3";
        /// Adds a key.
        KEY_NEW = "insert into feed_keys (digest, feed, note, added_at) values ($1, $2, $3, $4) returning id";
        /// The feed of a key.
        KEY_FEED = "select feed from feed_keys where digest = $1 and revoked_at is null";
        /// Every key.
        KEYS = "select id, feed, note, added_at, revoked_at from feed_keys order by id";
        /// Has a key open nothing any more.
        KEY_REVOKE = "update feed_keys set revoked_at = $2 where id = $1 and revoked_at is null";
    }
    differ {
        /// The lead article of each story, or the first one of a source; a very long text is cut, very long content left out.
        LEADS =
            "select cast(0 as bigint) as number, a.id, a.story_id, a.source_id, a.url, a.title,
                substr(a.text, 1, cast($3 as integer)) as text,
                case when length(a.html) <= cast($4 as bigint) then a.html else '' end as html, a.published_at,
                a.modified_at, a.author, a.origin, a.language, a.image, a.first_seen_at, a.revised_at, a.revision, a.facts
                from articles a where a.id in (select min(b.id) from articles b
                    where b.story_id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as bigint))
                        and (cast($2 as text) is null or b.source_id = $2)
                    group by b.story_id)" |
            "select 0 as number, a.id, a.story_id, a.source_id, a.url, a.title,
                substr(a.text, 1, cast($3 as integer)) as text,
                case when length(a.html) <= cast($4 as bigint) then a.html else '' end as html, a.published_at,
                a.modified_at, a.author, a.origin, a.language, a.image, a.first_seen_at, a.revised_at, a.revision, a.facts
                from articles a where a.id in (select min(b.id) from articles b
                    where b.story_id in (select value from json_each($1))
                        and (cast($2 as text) is null or b.source_id = $2)
                    group by b.story_id)";
        /// The text of the same, of a very long one the beginning.
        LEAD_TEXTS =
            "select a.id, a.story_id, a.source_id, a.url, a.title,
                substr(a.text, 1, cast($3 as integer)) as text, a.author, a.origin, a.language, a.first_seen_at
                from articles a where a.id in (select min(b.id) from articles b
                    where b.story_id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as bigint))
                        and (cast($2 as text) is null or b.source_id = $2)
                    group by b.story_id)" |
            "select a.id, a.story_id, a.source_id, a.url, a.title,
                substr(a.text, 1, cast($3 as integer)) as text, a.author, a.origin, a.language, a.first_seen_at
                from articles a where a.id in (select min(b.id) from articles b
                    where b.story_id in (select value from json_each($1))
                        and (cast($2 as text) is null or b.source_id = $2)
                    group by b.story_id)";
        /// Forgets the archives of topics that are not in the list.
        ARCHIVES_FORGET =
            "delete from archives where feed like 'topic/%'
                and feed not in (select jsonb_array_elements_text(cast($1 as jsonb)))" |
            "delete from archives where feed like 'topic/%' and feed not in (select value from json_each($1))";
    }
}
