-- How the time of a visit was spent; null: it was made before this was told apart.
alter table visits add column turn_ms integer;
alter table visits add column connect_ms integer;
alter table visits add column first_byte_ms integer;
alter table visits add column body_ms integer;
alter table visits add column read_ms integer;

-- The last body of each source, of listings and of pages, that could not be read as what it should be; kept on request only.
create table failed_bodies (
    source_id text not null references sources (id),
    kind text not null,
    at datetime not null,
    url text not null,
    content_type text,
    why text,
    -- bytes of the whole body; what is kept may be its beginning
    whole_bytes integer not null,
    body blob not null,
    primary key (source_id, kind)
);

-- Daemons that run on this database, so that each takes its share of the hosts.
create table daemons (
    holder text primary key,
    lanes_max integer not null,
    expires_at datetime not null
);
