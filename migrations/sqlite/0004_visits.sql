-- The last visits of each source, of listings and of pages: what came and how it was read.
create table visits (
    id integer primary key autoincrement,
    source_id text not null references sources (id),
    kind text not null,
    url text not null,
    at datetime not null,
    duration_ms integer not null,
    outcome text not null,
    note text,
    status integer,
    body_bytes integer,
    charset_header text,
    charset_document text,
    charset_used text,
    charset_decided text,
    garbled real,
    entries_seen integer,
    entries_new integer not null,
    articles_new integer not null
);
create index visits_source on visits (source_id, kind, id);
