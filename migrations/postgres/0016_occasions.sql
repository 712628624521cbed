-- Which occasion of a digest was the last that is done with, and up to which change the one goes that is being told.
create table occasions (
    sink_id text primary key references sinks (id),
    ended_at timestamptz,
    due_at timestamptz,
    upto bigint
);
