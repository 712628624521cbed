-- What an article's page tells of itself beside its text: canonical address, section, tags, comments, as JSON.
alter table articles add column facts text;
