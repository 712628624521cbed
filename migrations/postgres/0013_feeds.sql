-- What a feed's validators are told from without reading an article: `version` moves with everything that a feed shows of a
-- story, `changed_at` says when it last did, by the database's clock, and `alive` whether any of its articles is left. Triggers
-- keep them, so that no writer can forget to.
alter table stories add column version bigint not null default 0;
alter table stories add column alive boolean not null default true;
alter table stories add column changed_at timestamptz;
update stories set changed_at = coalesce(
    (select max(revised_at) from articles where articles.story_id = stories.id), first_seen_at);
update stories set alive = exists (select 1 from articles where articles.story_id = stories.id);

-- The feed of a source: its stories, by the change with which it was first seen to run them.
create table source_stories (
    source_id text not null,
    story_id bigint not null,
    number bigint not null,
    primary key (source_id, story_id)
);
create index source_stories_number on source_stories (source_id, number, story_id);
insert into source_stories (source_id, story_id, number)
    select articles.source_id, articles.story_id, min(changes.number)
    from articles join changes on changes.article_id = articles.id
    where changes.kind in ('story_new', 'story_joined')
    group by articles.source_id, articles.story_id;

create function tidings_source_story() returns trigger language plpgsql as $$ begin
    insert into source_stories (source_id, story_id, number) values (new.source_id, new.story_id, new.number)
        on conflict (source_id, story_id) do nothing;
    return null;
end $$;
create trigger changes_source_story after insert on changes for each row
    when (new.kind in ('story_new', 'story_joined')) execute function tidings_source_story();

create function tidings_article_stands() returns trigger language plpgsql as $$ begin
    update stories set version = version + 1, changed_at = clock_timestamp(), alive = true where id = new.story_id;
    return null;
end $$;
create trigger articles_story_new after insert on articles for each row execute function tidings_article_stands();
create trigger articles_story_set after update of story_id, url, title, text, html, published_at, modified_at, author, origin,
    language, image, revised_at, revision on articles for each row execute function tidings_article_stands();

create function tidings_article_left() returns trigger language plpgsql as $$ begin
    update stories set version = version + 1, changed_at = clock_timestamp(),
        alive = exists (select 1 from articles where articles.story_id = old.story_id)
        where id = old.story_id;
    if tg_op = 'UPDATE' then
        insert into source_stories (source_id, story_id, number)
            select new.source_id, new.story_id, number from stories where id = new.story_id
            on conflict (source_id, story_id) do nothing;
    end if;
    delete from source_stories where source_id = old.source_id and story_id = old.story_id
        and not exists (select 1 from articles where story_id = old.story_id and source_id = old.source_id);
    return null;
end $$;
create trigger articles_story_moved after update of story_id on articles for each row
    when (new.story_id <> old.story_id) execute function tidings_article_left();
create trigger articles_story_gone after delete on articles for each row execute function tidings_article_left();

create function tidings_match_moved() returns trigger language plpgsql as $$ begin
    if tg_op <> 'DELETE' then
        update stories set version = version + 1, changed_at = clock_timestamp() where id = new.story_id;
    end if;
    if tg_op = 'DELETE' or (tg_op = 'UPDATE' and new.story_id <> old.story_id) then
        update stories set version = version + 1, changed_at = clock_timestamp() where id = old.story_id;
    end if;
    return null;
end $$;
create trigger matches_story after insert or update or delete on matches for each row execute function tidings_match_moved();

create function tidings_source_named() returns trigger language plpgsql as $$ begin
    update stories set version = version + 1, changed_at = clock_timestamp()
        where id in (select story_id from source_stories where source_id = new.id);
    return null;
end $$;
create trigger sources_named after update of name on sources for each row
    when (new.name <> old.name) execute function tidings_source_named();

-- Archive pages (RFC 5005): which numbers of a feed each spans, and, from the first time that it was read, what it says for good.
create table archives (
    -- all, source/ID, or topic/ID/DIGEST
    feed text not null,
    page bigint not null,
    -- number of its newest story
    last_number bigint not null,
    stories bigint not null,
    -- stories as JSON, packed; null: nobody has read the page yet, or it is gone
    kept bytea,
    -- when the oldest of what is kept was first seen
    oldest_at timestamptz,
    gone boolean not null default false,
    primary key (feed, page)
);
create index archives_age on archives (oldest_at) where oldest_at is not null;

-- Who may read one feed without more: the digest of a token that is shown once.
create table feed_keys (
    id bigint generated by default as identity primary key,
    digest bytea not null unique,
    -- identifier of a topic, all, or source/ID
    feed text not null,
    note text not null,
    added_at timestamptz not null,
    revoked_at timestamptz
);
