-- The write path: what devices were served and sent, what became of it, and what a person should look at.

alter table dualpath.documents
  add column row_xmin text,                -- the legacy row as it was linked: while it stands, its content needs no reading
  add column row_fingerprint bytea,        -- what the legacy row holds once the mirror has stopped; null: the linked content
  add column revision_shared boolean not null default false, -- an earlier content bore the same number of the application's
  add column merged_version bigint;        -- newest version that a push or a merge made: a plain write after it has no certain base

-- An update that is kept but is not, or was not at once, part of the state.
alter table dualpath.updates
  add column apart text,                   -- a code: why it is not in the state; `pending`, `held` or why it was refused
  add column joined bigint,                -- the head that first held it, where that is not its own number
  add column epoch text,
  add column session text,
  add column device_seq bigint,
  add column sha256 bytea;                 -- of a pushed payload: with device, epoch, session and device_seq its identity
create unique index updates_pushed on dualpath.updates (document_id, device_id, epoch, session, device_seq, sha256)
  where origin = 'push';
create index updates_apart on dualpath.updates (document_id, seq) where apart is not null;
create index updates_revision on dualpath.updates (document_id, legacy_revision) where version is not null;

-- A kept content that a client knows under a number: what it sent, where that was merged into the next one.
alter table dualpath.versions
  add column version bigint,
  add column fingerprint bytea,
  add column device_id text;
alter table dualpath.versions drop constraint versions_source_check;
alter table dualpath.versions add constraint versions_source_check
  check (source in ('capture', 'conflict', 'rollback', 'repair', 'save', 'push', 'resolve'));
create index versions_number on dualpath.versions (document_id, version) where version is not null;

-- The application raised its number and changed no content.
create table dualpath.revisions (
  document_id text not null,
  revision bigint not null,
  version bigint not null,
  primary key (document_id, revision, version)
);

-- What a device of a document holds, as far as the server knows: the base of its next save or push.
create table dualpath.devices (
  document_id text not null,
  device_id text not null,
  served bigint[] not null default '{}',   -- versions it may show: loaded or saved, and not replaced by its own save
  seen_at timestamptz not null default now(),
  primary key (document_id, device_id)
);

create table dualpath.sessions (
  document_id text not null,
  device_id text not null,
  epoch text not null,
  session text not null,
  lineage text not null,
  pulled bigint not null,                  -- every update up to this head was in its replica when it was last answered
  seen_at timestamptz not null default now(),
  primary key (document_id, device_id, epoch, session)
);

-- Which device writes under a Yjs client id of a document.
create table dualpath.clients (
  document_id text not null,
  client bigint not null,
  device_id text not null,
  primary key (document_id, client)
);

-- Bytes that were no update that could be taken: kept where they could be work. `reason` is a code.
create table dualpath.rejected (
  id bigint generated always as identity primary key,
  document_id text not null,
  device_id text,
  kind text not null check (kind in ('save', 'push')),
  reason text not null,
  payload bytea not null,
  at timestamptz not null default now()
);
create index rejected_document on dualpath.rejected (document_id, id);

-- Merges that a person may want to look at. Contents are in dualpath.versions; the numbers are ours.
create table dualpath.conflicts (
  id bigint generated always as identity primary key,
  document_id text not null,
  cohort text not null,
  class text not null check (class in ('notice', 'needs-review', 'quarantine')),
  reasons text[] not null,
  origin text not null check (origin in ('save', 'push', 'capture')),
  device_id text,
  base_known text not null check (base_known in ('named', 'served', 'session', 'linked', 'inferred', 'missing')),
  base bigint references dualpath.versions (id),      -- null: it was missing
  ours bigint references dualpath.versions (id),      -- the head before
  theirs bigint references dualpath.versions (id),    -- what came
  result bigint references dualpath.versions (id),
  version bigint not null,                            -- of the result
  at timestamptz not null default now(),
  resolved_at timestamptz,
  resolved_by text,
  resolution text check (resolution in ('merged', 'local-first', 'legacy'))
);
create index conflicts_document on dualpath.conflicts (document_id, id);
create index conflicts_open on dualpath.conflicts (cohort, id) where resolved_at is null and class = 'needs-review';

-- That something happened, without content. A save or a push that was written to both stores is an observation: both
-- paths' times, whether they hold the same, and what failed.
create table dualpath.receipts (
  id bigint generated always as identity primary key,
  document_id text not null,
  kind text not null check (kind in ('save', 'load', 'push', 'pull', 'merge', 'capture')),
  at timestamptz not null default clock_timestamp(),
  transaction xid8 not null default pg_current_xact_id(),
  cohort text,
  device_id text,
  outcome text,
  revision bigint,
  version bigint,
  base bigint,                             -- our number of the version it was based on
  base_known text,
  seq bigint,                              -- the update it appended
  head_before bigint,
  head_after bigint,
  bytes integer,
  fingerprint bytea,                       -- keyed, so that nobody can guess a content from it
  save_id text,
  device jsonb,                            -- epoch, session, seq and commit as the device named them
  words jsonb,                             -- of a merge: base, ours, theirs, result
  class text,
  conflict bigint references dualpath.conflicts (id),
  legacy_us integer,                       -- microseconds that each path took
  local_us integer,
  agrees boolean,                          -- both paths hold the same after it; null: not an observation
  failed text check (failed in ('legacy', 'local-first')),
  error text                               -- a code
);
create index receipts_document on dualpath.receipts (document_id, id);
create unique index receipts_save on dualpath.receipts (document_id, coalesce(device_id, ''), save_id, fingerprint)
  where save_id is not null and kind = 'save';
-- What the gates count of a window of time, without a look at the table: what the library wrote, and what came past it.
create index receipts_observed on dualpath.receipts (cohort, at) include (agrees, failed, error, legacy_us, local_us)
  where agrees is not null or failed is not null;
create index receipts_captured on dualpath.receipts (cohort, at) include (base_known, class) where kind = 'capture';

create table dualpath.heartbeats (
  id bigint generated always as identity primary key,
  document_id text not null,
  device_id text not null,
  at timestamptz not null default clock_timestamp(),
  epoch text,
  session text,
  head bigint,                             -- newest seq the device has made
  acknowledged bigint,                     -- newest seq it has seen acknowledged
  commit bytea,
  pending_bytes bigint,
  pending_ms bigint,
  durability text check (durability in ('memory', 'stored')),
  app_version text,
  wall_time timestamptz,
  since_boot_ms bigint
);
create index heartbeats_document on dualpath.heartbeats (document_id, device_id, id);

-- Keys the fingerprints of receipts.
alter table dualpath.installation add column receipt_key bytea not null
  default sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
