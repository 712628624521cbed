//! The statements of digests' occasions.

super::sql::statements! {
    same {
        /// Which occasion is done with, and which is being told.
        PERIOD = "select ended_at, due_at, upto from occasions where sink_id = $1";
        /// Begins to tell an occasion, unless one is being told.
        PERIOD_OPEN = "insert into occasions (sink_id, due_at, upto) values ($1, $2, $3)
            on conflict (sink_id) do update set due_at = coalesce(occasions.due_at, excluded.due_at),
                upto = coalesce(occasions.upto, excluded.upto)";
        /// Is done with an occasion when all up to its end was told.
        PERIOD_CLOSE = "update occasions set ended_at = due_at, due_at = null, upto = null where sink_id = $1 and upto <= $2";
    }
    differ {
    }
}
