-- How a listing is doing, since when, and what the links of its last good reading looked like (a JSON array of text).
alter table targets add column state text;
alter table targets add column state_since timestamptz;
alter table targets add column shapes jsonb;
