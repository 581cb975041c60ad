-- Where the application writes both stores by itself: what dualpath saw of each pair of rows, and since when.

alter table dualpath.captures
  add column created boolean not null default false, -- the legacy row came into being
  add column local boolean not null default false;   -- it was the local-first row that was written

create table dualpath.pairs (
  document_id text primary key,
  legacy_xmin text,                        -- the rows as they were last seen; null: not there
  local_xmin text,
  since timestamptz not null default clock_timestamp(), -- when they were first seen so: still from then on
  open boolean not null default true,      -- not compared since it is still
  written boolean not null default false,  -- the application has written it: its stores are not ours to write
  legacy_writes integer not null default 0, -- of each row, as far as they were captured, since both were last equal
  local_writes integer not null default 0,
  runs integer,                            -- of words, in what both rows held when they were last equal
  differing bytea                          -- how it differed when that was counted: seen again it is no other observation
);
create index pairs_open on dualpath.pairs (document_id) where open;
