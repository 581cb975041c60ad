-- A device that pulls before it pushes wrote on what an earlier pull had given it.

alter table dualpath.sessions
  add column earlier bigint[] not null default '{}';  -- other heads up to which it held everything before, the newest first
