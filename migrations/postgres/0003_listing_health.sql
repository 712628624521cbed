-- How a listing is doing, since when, and what the links of its last good reading looked like;
-- which other documents (announced feeds, sitemaps of an index) were read for it. JSON arrays of text.
-- And how many seconds passed between two arrivals of something new, the last ones counting most.
alter table targets add column state text;
alter table targets add column state_since timestamptz;
alter table targets add column shapes jsonb;
alter table targets add column documents jsonb;
alter table targets add column news_every_s bigint;
