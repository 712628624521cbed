-- The tokens of each article, by which a search finds candidates; without order.
create table search_words (
    article_id bigint primary key references articles (id) on delete cascade,
    words tsvector not null
);
-- New tokens wait in a list until the daemon sorts them in, every few seconds: whoever stores articles, holding the lock of
-- the log, must not. The limit, in kB, is for when no daemon does.
create index search_words_words on search_words using gin (words)
    with (fastupdate = on, gin_pending_list_limit = 65536);
