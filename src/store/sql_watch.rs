//! Statements about the daemons themselves, and about bodies that could not be read. What they do is said where they are used.

super::sql::statements! {
    same {
        /// Says that a daemon is there.
        DAEMON_PRESENT = "insert into daemons (holder, lanes_max, expires_at) values ($1, $2, $3)
            on conflict (holder) do update set lanes_max = excluded.lanes_max, expires_at = excluded.expires_at";
        /// Says that it is gone; those whose time is long over go with it.
        DAEMON_LEAVE = "delete from daemons where holder = $1 or expires_at < $2";
        /// How many hosts each daemon that is there can visit at once.
        DAEMON_LANES = "select lanes_max from daemons where expires_at > $1 order by holder";
        /// Daemons that are there or hold hosts, with how many they hold.
        DAEMONS = "select holder, cast(sum(lanes_max) as bigint) as lanes_max, cast(sum(held) as bigint) as hosts,
                max(expires_at) as until
            from (select holder, lanes_max, 0 as held, expires_at from daemons where expires_at > $1
                union all select holder, 0, 1, expires_at from leases where expires_at > $1) both_of
            group by holder order by holder limit $2";
        /// Who holds which host.
        HELD = "select host, holder, expires_at as until from leases where expires_at > $1 order by host limit $2";
        /// Takes a host that nobody holds, not even who takes it.
        CLAIM_FREE = "insert into leases (host, holder, expires_at) values ($1, $2, $3)
            on conflict (host) do update set holder = excluded.holder, expires_at = excluded.expires_at
            where leases.expires_at <= $4
            returning host";
        /// Gives it back, if nobody has taken or prolonged it since.
        RELEASE_UNTIL = "delete from leases where host = $1 and holder = $2 and expires_at = $3";
        /// How many hosts are held.
        HELD_COUNT = "select count(*) from leases where expires_at > $1";
        /// Since when the longest-waiting listing is due.
        OLDEST_LISTING_DUE = "select next_visit_at from targets where next_visit_at <= $1 and kind = 'listing'
                and source_id not in (select id from sources where paused_at is not null)
            order by next_visit_at limit 1";
        /// Keeps a body in the place of the one before.
        BODY_KEEP = "insert into failed_bodies (source_id, kind, at, url, content_type, why, whole_bytes, body)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (source_id, kind) do update set at = excluded.at, url = excluded.url,
                content_type = excluded.content_type, why = excluded.why, whole_bytes = excluded.whole_bytes,
                body = excluded.body";
        /// The newest body that is kept of a source.
        BODY_GET = "select kind, at, url, content_type, why, whole_bytes, body from failed_bodies
            where source_id = $1 and (cast($2 as text) is null or kind = $2) order by at desc limit 1";
        /// Forgets those from before an instant, and those of sources that were removed.
        BODIES_FORGET = "delete from failed_bodies
            where at < $1 or source_id in (select id from sources where removed_at is not null)";
    }
    differ {}
}
