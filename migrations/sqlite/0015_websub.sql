-- Who is told of our feeds by WebSub, how far each is, and what was last sent.
create table hub_subscriptions (
    id integer primary key autoincrement,
    topic text not null,
    callback text not null,
    -- of the callback
    host text not null,
    secret text,
    added_at datetime not null,
    expires_at datetime not null,
    -- number of the last change that it was told, or that does not concern it
    cursor integer not null,
    -- digest of the feed as it was last sent
    told blob,
    tries integer not null default 0,
    next_try_at datetime,
    last_error text,
    last_status integer,
    last_success_at datetime,
    delivered integer not null default 0,
    holder text,
    lease_until datetime,
    unique (topic, callback)
);
create index hub_subscriptions_host on hub_subscriptions (host);
-- What was asked of the hub and is still to be verified.
create table hub_requests (
    id integer primary key autoincrement,
    mode text not null,
    topic text not null,
    callback text not null,
    host text not null,
    secret text,
    lease_s integer not null,
    -- number of the newest change when it was asked
    cursor integer not null,
    -- tells a request from the one that took its place
    asked_at datetime not null,
    tries integer not null default 0,
    next_try_at datetime not null,
    unique (topic, callback)
);
create index hub_requests_host on hub_requests (host);
-- Other hubs, which are told that there is something new.
create table hub_pings (
    hub text primary key,
    cursor integer not null,
    tries integer not null default 0,
    next_try_at datetime,
    last_error text,
    last_status integer,
    last_success_at datetime,
    holder text,
    lease_until datetime
);
-- What the hubs of our sources are asked to tell.
create table subscriptions (
    source_id text primary key references sources (id),
    hub text not null,
    topic text not null,
    state text not null,
    -- what nobody can guess of the callback's address
    key text unique,
    secret text,
    asked_at datetime,
    expires_at datetime,
    -- when something is to be done about it
    next_try_at datetime not null,
    tries integer not null default 0,
    last_push_at datetime,
    pushes integer not null default 0,
    last_error text
);
create index subscriptions_due on subscriptions (next_try_at);
