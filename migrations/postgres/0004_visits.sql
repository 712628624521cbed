-- The last visits of each source, of listings and of pages: what came and how it was read.
create table visits (
    id bigint generated always as identity primary key,
    source_id text not null references sources (id),
    kind text not null,
    url text not null,
    at timestamptz not null,
    duration_ms bigint not null,
    outcome text not null,
    note text,
    status bigint,
    body_bytes bigint,
    charset_header text,
    charset_document text,
    charset_used text,
    charset_decided text,
    garbled double precision,
    entries_seen bigint,
    entries_new bigint not null,
    articles_new bigint not null
);
create index visits_source on visits (source_id, kind, id);
