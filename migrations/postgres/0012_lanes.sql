-- What a lane takes next of a host, in this order: listings, pages that were never had, pages to be looked at once more.
-- In the place of the index that knew only when.
create index targets_next on targets
    (host, (case when kind = 'listing' then 0 when last_success_at is null then 1 else 2 end), next_visit_at, id)
    where next_visit_at is not null;
drop index targets_lane;
