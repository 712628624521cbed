//! Statements of stories, of the log's length, and of counts. What they do is said where they are used.

super::sql::statements! {
    same {
        /// Stories below a number, newest first, of a topic.
        STORIES_TOPIC = "select ts.number, a.story_id, a.id, a.source_id, a.url, a.title, a.origin, a.language, a.published_at,
                a.first_seen_at, a.revised_at
            from topic_stories ts
            join articles a on a.id = (select min(b.id) from articles b where b.story_id = ts.story_id)
            where ts.topic_id = $1 and ts.number < $2 and (cast($3 as text) is null or exists
                (select 1 from articles c where c.story_id = ts.story_id and c.source_id = $3))
            order by ts.number desc limit $4";
        /// The same, of all.
        STORIES_ALL = "select s.number, a.story_id, a.id, a.source_id, a.url, a.title, a.origin, a.language, a.published_at,
                a.first_seen_at, a.revised_at
            from stories s
            join articles a on a.id = (select min(b.id) from articles b where b.story_id = s.id)
            where s.number < $1 and (cast($2 as text) is null or exists
                (select 1 from articles c where c.story_id = s.id and c.source_id = $2))
            order by s.number desc limit $3";
        /// The number of a story.
        STORY_NUMBER = "select number from stories where id = $1";
        /// Its articles, first seen first.
        STORY_PARTS = "select a.id, a.source_id, s.name as outlet, a.url, a.title, a.joined, a.author, a.origin, a.language,
                a.published_at, a.first_seen_at, a.revised_at, a.revision, a.gone_at
            from articles a join sources s on s.id = a.source_id where a.story_id = $1 order by a.id limit $2";
        /// Which topics matched its articles, and why.
        STORY_PART_MATCHES = "select m.article_id, m.topic_id, m.score, m.evidence
            from matches m join topics t on t.id = m.topic_id and t.removed_at is null
            where m.story_id = $1 order by m.article_id, m.topic_id limit $2";
        /// How many stories are in each topic's feed, how many articles it matched, and when the last of them was first seen.
        TOPIC_STORY_COUNTS = "select topic_id, count(*) from topic_stories group by topic_id";
        TOPIC_ARTICLE_COUNTS = "select topic_id, count(*) from matches group by topic_id";
        TOPIC_NEWEST = "select (select a.first_seen_at from matches m join articles a on a.id = m.article_id
            where m.topic_id = $1 order by m.article_id desc limit 1)";
        /// Changes after a number, of some kinds.
        CHANGES_KINDS = "select number, kind, story_id, article_id, source_id, title, url, at from changes
            where number > $1 and $3 like '%,' || kind || ',%' order by number limit $2";
        /// Changes of a topic after a number, of some kinds.
        CHANGES_TOPIC_KINDS = "select c.number, c.kind, c.story_id, c.article_id, c.source_id, c.title, c.url, c.at
            from change_topics ct join changes c on c.number = ct.number
            where ct.topic_id = $4 and ct.number > $1 and $3 like '%,' || c.kind || ',%' order by ct.number limit $2";
        /// Number of the oldest change.
        OLDEST_CHANGE = "select coalesce(min(number), 0) from changes";
        /// The first change since an instant, or else the newest: what is older may be forgotten, but for what a sink waits for.
        CHANGES_KEPT = "select coalesce((select number from changes where at >= $1 order by number limit 1),
            (select max(number) from changes), 0)";
        CHANGES_WAITED_FOR = "select min(cursor) from sinks where removed_at is null and state <> 'gone'";
        /// Forgets changes below a number.
        CHANGE_TOPICS_FORGET = "delete from change_topics where number < $1";
        CHANGES_FORGET = "delete from changes where number < $1";
    }
    differ {}
}
