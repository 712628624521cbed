-- Words are those of the design; identities (targets.key, digests) outlive what retention deletes.

create table meta (
    key text primary key,
    value text not null
);

create table sources (
    id text primary key,
    name text not null,
    url text not null,
    added_at datetime not null,
    removed_at datetime
);

create table targets (
    id integer primary key autoincrement,
    source_id text not null references sources (id),
    kind text not null check (kind in ('listing', 'article')),
    key text not null unique,
    url text not null,
    host text not null,
    entry text,
    first_seen_at datetime not null,
    last_visit_at datetime,
    last_success_at datetime,
    next_visit_at datetime,
    failures integer not null default 0,
    outcome text,
    reason text,
    status integer,
    etag text,
    last_modified text,
    entries_seen integer not null default 0,
    entries_new integer not null default 0,
    last_new_at datetime
);
create index targets_due on targets (next_visit_at, host) where next_visit_at is not null;
create index targets_lane on targets (host, next_visit_at, id) where next_visit_at is not null;
create index targets_source on targets (source_id, kind);

create table leases (
    host text primary key,
    holder text not null,
    expires_at datetime not null
);

create table stories (
    id integer primary key autoincrement,
    number integer not null unique,
    first_seen_at datetime not null
);

create table digests (
    digest blob primary key,
    story_id integer not null references stories (id)
);

create table articles (
    id integer primary key autoincrement,
    story_id integer not null references stories (id),
    source_id text not null references sources (id),
    -- the page it was read from; null: carried by a listing's entry
    target_id integer,
    key text not null unique,
    url text not null,
    from_page boolean not null,
    title text not null,
    text text not null,
    html text not null,
    published_at datetime,
    modified_at datetime,
    author text,
    origin text,
    language text,
    image text,
    digest blob not null,
    first_seen_at datetime not null,
    revised_at datetime not null,
    revision integer not null,
    gone_at datetime
);
create index articles_story on articles (story_id, id);
create index articles_source on articles (source_id, id);
create index articles_target on articles (target_id) where target_id is not null;
create index articles_age on articles (first_seen_at);

create table revisions (
    article_id integer not null references articles (id) on delete cascade,
    revision integer not null,
    title text not null,
    text text not null,
    digest blob not null,
    seen_at datetime not null,
    primary key (article_id, revision)
);

create table topics (
    id text primary key,
    title text not null,
    query_digest blob not null,
    changed_at datetime not null,
    removed_at datetime,
    -- number of the last stored article that was matched; null: all of them
    backfilled_to integer
);

create table matches (
    topic_id text not null references topics (id),
    article_id integer not null references articles (id) on delete cascade,
    story_id integer not null references stories (id),
    score real not null,
    evidence text not null,
    backfill boolean not null,
    matched_at datetime not null,
    primary key (topic_id, article_id)
);
create index matches_article on matches (article_id);
create index matches_story on matches (story_id);

create table topic_stories (
    topic_id text not null references topics (id),
    story_id integer not null references stories (id),
    number integer not null,
    backfill boolean not null,
    primary key (topic_id, story_id)
);
create index topic_stories_number on topic_stories (topic_id, number, story_id);

create table changes (
    number integer primary key,
    kind text not null,
    story_id integer not null,
    article_id integer not null,
    source_id text not null,
    title text not null,
    url text not null,
    at datetime not null
);

create table change_topics (
    topic_id text not null,
    number integer not null references changes (number),
    primary key (topic_id, number)
);
create index change_topics_number on change_topics (number);
