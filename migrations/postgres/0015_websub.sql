-- Who is told of our feeds by WebSub, how far each is, and what was last sent.
create table hub_subscriptions (
    id bigint generated always as identity primary key,
    topic text not null,
    callback text not null,
    -- of the callback
    host text not null,
    secret text,
    added_at timestamptz not null,
    expires_at timestamptz not null,
    -- number of the last change that it was told, or that does not concern it
    cursor bigint not null,
    -- digest of the feed as it was last sent
    told bytea,
    tries bigint not null default 0,
    next_try_at timestamptz,
    last_error text,
    last_status bigint,
    last_success_at timestamptz,
    delivered bigint not null default 0,
    holder text,
    lease_until timestamptz,
    unique (topic, callback)
);
create index hub_subscriptions_host on hub_subscriptions (host);
-- What was asked of the hub and is still to be verified.
create table hub_requests (
    id bigint generated always as identity primary key,
    mode text not null,
    topic text not null,
    callback text not null,
    host text not null,
    secret text,
    lease_s bigint not null,
    -- number of the newest change when it was asked
    cursor bigint not null,
    -- tells a request from the one that took its place
    asked_at timestamptz not null,
    tries bigint not null default 0,
    next_try_at timestamptz not null,
    unique (topic, callback)
);
create index hub_requests_host on hub_requests (host);
-- Other hubs, which are told that there is something new.
create table hub_pings (
    hub text primary key,
    cursor bigint not null,
    tries bigint not null default 0,
    next_try_at timestamptz,
    last_error text,
    last_status bigint,
    last_success_at timestamptz,
    holder text,
    lease_until timestamptz
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
    asked_at timestamptz,
    expires_at timestamptz,
    -- when something is to be done about it
    next_try_at timestamptz not null,
    tries bigint not null default 0,
    last_push_at timestamptz,
    pushes bigint not null default 0,
    last_error text
);
create index subscriptions_due on subscriptions (next_try_at);
