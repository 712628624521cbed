-- What a feed's validators are told from without reading an article: `version` moves with everything that a feed shows of a
-- story, `changed_at` says when it last did, by the database's clock, and `alive` whether any of its articles is left. Triggers
-- keep them, so that no writer can forget to.
alter table stories add column version integer not null default 0;
alter table stories add column alive boolean not null default true;
alter table stories add column changed_at datetime;
update stories set changed_at = coalesce(
    (select max(revised_at) from articles where articles.story_id = stories.id), first_seen_at);
update stories set alive = exists (select 1 from articles where articles.story_id = stories.id);

-- The feed of a source: its stories, by the change with which it was first seen to run them.
create table source_stories (
    source_id text not null,
    story_id integer not null,
    number integer not null,
    primary key (source_id, story_id)
);
create index source_stories_number on source_stories (source_id, number, story_id);
insert into source_stories (source_id, story_id, number)
    select articles.source_id, articles.story_id, min(changes.number)
    from articles join changes on changes.article_id = articles.id
    where changes.kind in ('story_new', 'story_joined')
    group by articles.source_id, articles.story_id;

create trigger changes_source_story after insert on changes when new.kind in ('story_new', 'story_joined') begin
    insert into source_stories (source_id, story_id, number) values (new.source_id, new.story_id, new.number)
        on conflict (source_id, story_id) do nothing;
end;
create trigger articles_story_new after insert on articles begin
    update stories set version = version + 1, changed_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'), alive = true where id = new.story_id;
end;
create trigger articles_story_set after update of story_id, url, title, text, html, published_at, modified_at, author, origin,
    language, image, revised_at, revision on articles begin
    update stories set version = version + 1, changed_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'), alive = true where id = new.story_id;
end;
create trigger articles_story_moved after update of story_id on articles when new.story_id <> old.story_id begin
    update stories set version = version + 1, changed_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'),
        alive = exists (select 1 from articles where articles.story_id = old.story_id)
        where id = old.story_id;
    insert into source_stories (source_id, story_id, number)
        select new.source_id, new.story_id, number from stories where id = new.story_id
        on conflict (source_id, story_id) do nothing;
    delete from source_stories where source_id = old.source_id and story_id = old.story_id
        and not exists (select 1 from articles where story_id = old.story_id and source_id = old.source_id);
end;
create trigger articles_story_gone after delete on articles begin
    update stories set version = version + 1, changed_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'),
        alive = exists (select 1 from articles where articles.story_id = old.story_id)
        where id = old.story_id;
    delete from source_stories where source_id = old.source_id and story_id = old.story_id
        and not exists (select 1 from articles where story_id = old.story_id and source_id = old.source_id);
end;
create trigger matches_story_new after insert on matches begin
    update stories set version = version + 1, changed_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') where id = new.story_id;
end;
create trigger matches_story_set after update on matches begin
    update stories set version = version + 1, changed_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') where id in (new.story_id, old.story_id);
end;
create trigger matches_story_gone after delete on matches begin
    update stories set version = version + 1, changed_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') where id = old.story_id;
end;
create trigger sources_named after update of name on sources when new.name <> old.name begin
    update stories set version = version + 1, changed_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')
        where id in (select story_id from source_stories where source_id = new.id);
end;

-- Archive pages (RFC 5005): which numbers of a feed each spans, and, from the first time that it was read, what it says for good.
create table archives (
    -- all, source/ID, or topic/ID/DIGEST
    feed text not null,
    page integer not null,
    -- number of its newest story
    last_number integer not null,
    stories integer not null,
    -- stories as JSON, packed; null: nobody has read the page yet, or it is gone
    kept blob,
    -- when the oldest of what is kept was first seen
    oldest_at datetime,
    gone boolean not null default false,
    primary key (feed, page)
);
create index archives_age on archives (oldest_at) where oldest_at is not null;

-- Who may read one feed without more: the digest of a token that is shown once.
create table feed_keys (
    id integer primary key autoincrement,
    digest blob not null unique,
    -- identifier of a topic, all, or source/ID
    feed text not null,
    note text not null,
    added_at datetime not null,
    revoked_at datetime
);
