-- How a target is visited, as JSON: what was learned of its pace, its failures, where it moved to.
-- And how often its listing had nothing in common with the one before.
alter table targets add column pace jsonb;
alter table targets add column missed bigint not null default 0;
