-- How the state of each sink changed; the first line of a sink has no state before it.
create table sink_incidents (
    id integer primary key autoincrement,
    sink_id text not null references sinks (id),
    at datetime not null,
    was text,
    state text not null,
    why text not null
);
create index sink_incidents_sink on sink_incidents (sink_id, id);
