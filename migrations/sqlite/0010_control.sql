-- Since when a source is not visited, by its operator's word; and how often something new is expected of it, in seconds.
alter table sources add column paused_at datetime;
alter table sources add column expect_every_s integer;
-- Since when a page is held back: its address is new, and its title was had before.
alter table targets add column held_at datetime;
create index targets_held on targets (source_id) where held_at is not null;
