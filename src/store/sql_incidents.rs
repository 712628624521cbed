//! The statements of incidents: how the states of sources, and of sinks, changed.

super::sql::statements! {
    same {
        /// The state that each source was last seen in.
        STATES = "select source_id, state from incidents i
            where id = (select max(id) from incidents j where j.source_id = i.source_id)";
        /// The state that a source was last seen in.
        STATE_OF = "select state from incidents where source_id = $1 order by id desc limit 1";
        /// Notes another state of a source.
        INCIDENT_NEW = "insert into incidents (source_id, at, was, state, why) values ($1, $2, $3, $4, $5)
            returning id, source_id as about, at, was, state, why";
        /// Forgets all but the newest.
        INCIDENTS_FORGET = "delete from incidents where id <= (select max(id) - $1 from incidents)
            and id < (select max(id) from incidents j where j.source_id = incidents.source_id)";
        /// Changes of state into trouble and out of it.
        INCIDENTS = "select id, source_id as about, at, was, state, why from incidents
            where state <> 'waiting' and not (state = 'ok' and coalesce(was, 'waiting') = 'waiting')
            order by id desc limit $1";
        /// The state that each sink was last seen in.
        SINK_STATES = "select sink_id, state from sink_incidents i
            where id = (select max(id) from sink_incidents j where j.sink_id = i.sink_id)";
        /// The state that a sink was last seen in.
        SINK_STATE_OF = "select state from sink_incidents where sink_id = $1 order by id desc limit 1";
        /// Notes another state of a sink.
        SINK_INCIDENT_NEW = "insert into sink_incidents (sink_id, at, was, state, why) values ($1, $2, $3, $4, $5)
            returning id, sink_id as about, at, was, state, why";
        /// Forgets all but the newest.
        SINK_INCIDENTS_FORGET = "delete from sink_incidents where id <= (select max(id) - $1 from sink_incidents)
            and id < (select max(id) from sink_incidents j where j.sink_id = sink_incidents.sink_id)";
        /// Changes of state into trouble and out of it.
        SINK_INCIDENTS = "select id, sink_id as about, at, was, state, why from sink_incidents
            where not (state = 'ok' and was is null)
            order by id desc limit $1";
    }
    differ {}
}
