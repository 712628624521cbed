-- What tells a copy of an article: bands by which candidates are found among those of some
-- periods (sixteen days each, counted from 1970), a sketch by which it is decided,
-- and how it came to its story: new, equal, or how much it shares.
create table bands (
    period integer not null,
    hash integer not null,
    article_id integer not null,
    primary key (period, hash, article_id)
) without rowid;
create index articles_url on articles (url);
alter table articles add column sketch blob;
alter table articles add column joined text;
