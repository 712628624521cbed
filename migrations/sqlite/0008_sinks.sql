-- Who is told of changes, how far each is, and what none of them would take.
create table sinks (
    id text primary key,
    -- number of the last change that it was told, or that does not concern it
    cursor integer not null,
    state text not null,
    added_at datetime not null,
    removed_at datetime,
    -- number of the last change of the message that is being tried; null: none is
    trying_to integer,
    tries integer not null default 0,
    failing_since datetime,
    next_try_at datetime,
    last_error text,
    last_status integer,
    last_success_at datetime,
    delivered integer not null default 0,
    holder text,
    lease_until datetime
);

create table dead_letters (
    sink_id text not null references sinks (id),
    number integer not null,
    at datetime not null,
    tries integer not null,
    status integer,
    reason text not null,
    -- whether it is to be tried once more
    again boolean not null default false,
    primary key (sink_id, number)
);
create index dead_letters_again on dead_letters (sink_id, number) where again;
