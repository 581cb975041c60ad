-- What a device wrote on, where the last pull does not tell.

alter table dualpath.sessions
  add column earlier bigint[] not null default '{}';  -- other heads up to which it held everything before, the newest first

-- Of a push that waits for an earlier one, what its client named.
alter table dualpath.updates
  add column base_seq bigint,
  add column state_vector bytea;
