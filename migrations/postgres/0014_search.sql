-- The tokens of each article, by which a search finds candidates; without order.
create table search_words (
    article_id bigint primary key references articles (id) on delete cascade,
    words tsvector not null
);
create index search_words_words on search_words using gin (words);
