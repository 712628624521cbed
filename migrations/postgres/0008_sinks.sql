-- Who is told of changes, how far each is, and what none of them would take.
create table sinks (
    id text primary key,
    -- number of the last change that it was told, or that does not concern it
    cursor bigint not null,
    state text not null,
    added_at timestamptz not null,
    removed_at timestamptz,
    -- number of the last change of the message that is being tried; null: none is
    trying_to bigint,
    tries bigint not null default 0,
    failing_since timestamptz,
    next_try_at timestamptz,
    last_error text,
    last_status bigint,
    last_success_at timestamptz,
    delivered bigint not null default 0,
    holder text,
    lease_until timestamptz
);

create table dead_letters (
    sink_id text not null references sinks (id),
    number bigint not null,
    at timestamptz not null,
    tries bigint not null,
    status bigint,
    reason text not null,
    -- whether it is to be tried once more
    again boolean not null default false,
    primary key (sink_id, number)
);
create index dead_letters_again on dead_letters (sink_id, number) where again;
