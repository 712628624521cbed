-- How the state of each source changed; the first line of a source has no state before it.
create table incidents (
    id integer primary key autoincrement,
    source_id text not null references sources (id),
    at datetime not null,
    was text,
    state text not null,
    why text not null
);
create index incidents_source on incidents (source_id, id);
