-- What tells a copy of an article: bands by which candidates are found among those of some
-- periods (sixteen days each, counted from 1970), a sketch by which it is decided,
-- and how it came to its story: new, equal, or how much it shares.
create table bands (
    period integer not null,
    hash bigint not null,
    article_id bigint not null,
    primary key (period, hash, article_id)
);
create index articles_url on articles using hash (url);
alter table articles add column sketch bytea;
alter table articles add column joined text;
