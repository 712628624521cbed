//! Statements of WebSub, of both its ends. What they do is said where they are used.

super::sql::statements! {
    same {
        /// Whether someone is subscribed.
        HUB_HAS = "select count(*) from hub_subscriptions where topic = $1 and callback = $2";
        /// Subscriptions of a topic, of a host, and of everybody.
        HUB_COUNTS = "select (select count(*) from hub_subscriptions where topic = $1),
            (select count(*) from hub_subscriptions where host = $2), (select count(*) from hub_subscriptions)";
        /// Requests of a host and of everybody, but for the one that would be replaced.
        HUB_REQUEST_COUNTS = "select
            (select count(*) from hub_requests where host = $1 and not (topic = $2 and callback = $3)),
            (select count(*) from hub_requests where not (topic = $2 and callback = $3))";
        /// Keeps a request in the place of one before it.
        HUB_REQUEST_NEW = "insert into hub_requests (mode, topic, callback, host, secret, lease_s, cursor, asked_at, next_try_at)
            select $1, $2, $3, $4, $5, $6, coalesce(max(number), 0), $7, $7 from changes where number > 0
            on conflict (topic, callback) do update set mode = excluded.mode, secret = excluded.secret,
                lease_s = excluded.lease_s, asked_at = excluded.asked_at, tries = 0, next_try_at = excluded.next_try_at";
        /// Requests that are to be verified now.
        HUB_REQUESTS_DUE = "select id, mode, topic, callback, host, secret, lease_s, cursor, asked_at, tries, next_try_at
            from hub_requests where next_try_at <= $1 order by next_try_at, id limit $2";
        /// Takes a request for a while.
        HUB_REQUEST_CLAIM = "update hub_requests set next_try_at = $3, tries = tries + 1
            where id = $1 and asked_at = $2 and next_try_at <= $4 returning id";
        /// Puts a request off.
        HUB_REQUEST_LATER = "update hub_requests set next_try_at = $3 where id = $1 and asked_at = $2";
        /// Forgets a request.
        HUB_REQUEST_DONE = "delete from hub_requests where id = $1 and asked_at = $2 returning id";
        /// Adds a subscription, or gives one that is there another secret and end.
        HUB_NEW = "insert into hub_subscriptions (topic, callback, host, secret, added_at, expires_at, cursor)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (topic, callback) do update set secret = excluded.secret, expires_at = excluded.expires_at,
                tries = 0, next_try_at = null, last_error = null, last_status = null";
        /// Ends a subscription.
        HUB_END = "delete from hub_subscriptions where topic = $1 and callback = $2";
        /// Ends a subscription by its number.
        HUB_DROP = "delete from hub_subscriptions where id = $1";
        /// Ends those whose time is over.
        HUB_EXPIRE = "delete from hub_subscriptions where expires_at <= $1";
        /// Subscriptions that are behind the log and can be told now.
        HUB_DUE = "select id, topic, callback, host, secret, cursor, told, tries from hub_subscriptions
            where cursor < $2 and expires_at > $1 and (next_try_at is null or next_try_at <= $1)
                and (lease_until is null or lease_until <= $1)
            order by tries, cursor, id limit $3";
        /// Takes a subscription for a while.
        HUB_CLAIM = "update hub_subscriptions set holder = $2, lease_until = $4
            where id = $1 and cursor = $5 and (lease_until is null or lease_until <= $3) returning id";
        /// Moves a subscription on past what it was told.
        HUB_TOLD = "update hub_subscriptions set cursor = $3, told = $4, tries = 0, next_try_at = null, last_error = null,
                last_status = null, last_success_at = $5, delivered = delivered + 1, holder = null, lease_until = null
            where id = $1 and holder = $2";
        /// Moves a subscription on that was sent all of it before.
        HUB_SAME = "update hub_subscriptions set cursor = $3, tries = 0, next_try_at = null, holder = null, lease_until = null
            where id = $1 and holder = $2";
        /// Notes that it was not told.
        HUB_FAIL = "update hub_subscriptions set tries = tries + 1, next_try_at = $3, last_error = $4, last_status = $5,
                holder = null, lease_until = null
            where id = $1 and holder = $2";
        /// How many are told, fail, and are still to be verified.
        HUB_STATE = "select (select count(*) from hub_subscriptions), (select count(*) from hub_subscriptions where tries > 0),
            (select count(*) from hub_requests)";
        /// Adds a hub that is pinged, at the head of the log.
        PING_NEW = "insert into hub_pings (hub, cursor) select $1, coalesce(max(number), 0) from changes where number > 0
            on conflict (hub) do nothing";
        /// Takes a hub that is behind the log, for a while.
        PING_CLAIM = "update hub_pings set holder = $2, lease_until = $4
            where hub = $1 and cursor < $5 and (next_try_at is null or next_try_at <= $3)
                and (lease_until is null or lease_until <= $3) returning cursor, tries";
        /// Moves it on.
        PING_TOLD = "update hub_pings set cursor = $3, tries = 0, next_try_at = $4, last_error = null, last_status = null,
                last_success_at = $5, holder = null, lease_until = null
            where hub = $1 and holder = $2";
        /// Notes that it was not told.
        PING_FAIL = "update hub_pings set tries = tries + 1, next_try_at = $3, last_error = $4, last_status = $5,
                holder = null, lease_until = null
            where hub = $1 and holder = $2";
        /// Remembers what a listing announces; another hub or topic is another subscription.
        SUBSCRIPTION_NEW = "insert into subscriptions (source_id, hub, topic, state, next_try_at)
            values ($1, $2, $3, 'announced', $4)
            on conflict (source_id) do update set hub = excluded.hub, topic = excluded.topic, state = 'announced',
                key = null, secret = null, asked_at = null, expires_at = null, next_try_at = excluded.next_try_at,
                tries = 0, last_error = null
            where subscriptions.hub <> excluded.hub or subscriptions.topic <> excluded.topic
                or subscriptions.state = 'leaving'";
        /// Has a subscription given up of a source that announces none any more.
        SUBSCRIPTION_LEAVE = "update subscriptions set state = 'leaving', tries = 0, next_try_at = $2
            where source_id = $1 and state <> 'leaving'";
        /// Every subscription.
        SUBSCRIPTIONS = "select source_id, hub, topic, state, key, secret, asked_at, expires_at, next_try_at, tries,
            last_push_at, pushes, last_error from subscriptions
            where cast($1 as text) is null or source_id = $1 order by source_id";
        /// Those about which something is to be done.
        SUBSCRIPTIONS_DUE = "select source_id, hub, topic, state, key, secret, asked_at, expires_at, next_try_at, tries,
            last_push_at, pushes, last_error from subscriptions where next_try_at <= $1 order by next_try_at limit $2";
        /// The one whose callback has this key.
        SUBSCRIPTION_BY_KEY = "select source_id, hub, topic, state, key, secret, asked_at, expires_at, next_try_at, tries,
            last_push_at, pushes, last_error from subscriptions where key = $1";
        /// Notes that the hub is being asked.
        SUBSCRIPTION_ASK = "update subscriptions set key = coalesce(key, $3), secret = coalesce(secret, $4), state = $5,
                asked_at = $6, next_try_at = $7, tries = tries + 1
            where source_id = $1 and next_try_at = $2 and state = $8 returning key, secret";
        /// Notes that the hub asked back, and until when it tells us.
        SUBSCRIPTION_CONFIRM = "update subscriptions set state = 'active', expires_at = $2, next_try_at = $3, tries = 0,
                last_error = null
            where key = $1 and state in ('asked', 'active')";
        /// Notes why nothing came of asking.
        SUBSCRIPTION_FAIL = "update subscriptions set last_error = $2, next_try_at = $3 where source_id = $1";
        /// Notes that the hub will not tell us.
        SUBSCRIPTION_DENY = "update subscriptions set state = 'denied', expires_at = null, last_error = $2, next_try_at = $3
            where key = $1 and state <> 'leaving' returning source_id";
        /// Notes that its time is over.
        SUBSCRIPTION_LAPSE = "update subscriptions set state = 'asked', expires_at = null
            where source_id = $1 and state = 'active' and expires_at <= $2 returning source_id";
        /// Forgets a subscription that was given up.
        SUBSCRIPTION_END = "delete from subscriptions where source_id = $1 and state = 'leaving'";
        /// Counts a push.
        SUBSCRIPTION_PUSHED = "update subscriptions set last_push_at = $2, pushes = pushes + 1, last_error = null
            where source_id = $1";
        /// Notes what was wrong with a push.
        SUBSCRIPTION_REFUSED = "update subscriptions set last_error = $2
            where source_id = $1 and (last_error is null or last_error <> $2)";
        /// The listing of a source that is visited.
        LISTING_TARGET = "select id, source_id, kind, url, etag, last_modified, failures, first_seen_at, last_visit_at,
                last_success_at, entry, state, shapes, documents, last_new_at, news_every_s, pace
            from targets where key = $1
                and source_id in (select id from sources where removed_at is null and paused_at is null)";
    }
    differ {
        /// Moves subscriptions on past what does not concern them.
        HUB_PASS =
            "update hub_subscriptions set cursor = $2 where cursor < $2 and (lease_until is null or lease_until <= $3)
                and id in (select cast(jsonb_array_elements_text(cast($1 as jsonb)) as bigint))" |
            "update hub_subscriptions set cursor = $2 where cursor < $2 and (lease_until is null or lease_until <= $3)
                and id in (select value from json_each($1))";
        /// Has a listing visited at once whose hub no longer tells.
        LISTING_UNPUSHED =
            "update targets set next_visit_at = $2, pace = pace - 'pushed_at'
                where source_id = $1 and kind = 'listing' and next_visit_at is not null" |
            "update targets set next_visit_at = $2, pace = json_remove(pace, '$.pushed_at')
                where source_id = $1 and kind = 'listing' and next_visit_at is not null";
    }
}
