-- The control schema. `documents` and `updates` are read by other programs; nothing else here is.
-- Times that decide anything are the database's own clock.

create table dualpath.installation (
  singleton boolean primary key default true check (singleton),
  legacy jsonb not null,                   -- table and columns that capture was installed for
  users jsonb not null,
  local_first jsonb not null,
  installed_at timestamptz not null default now()
);

create table dualpath.cohorts (
  name text primary key,
  place integer not null unique,           -- in rollout order
  definition jsonb not null,               -- as the file had it when the cohort was started
  policy jsonb not null default '{}',                 -- soak, bake and approval as last seen in the file: a change is journaled
  stage text not null default 'planned' check (stage in ('planned', 'dual-writing', 'backfilling', 'soaking',
    'cutting-over', 'baking', 'completed', 'rolling-back', 'rolled-back')),
  status text not null default 'running' check (status in ('running', 'paused')),
  revision bigint not null default 0,      -- compare-and-set: every change of this row's stage or status adds one
  stage_since timestamptz not null default now(),
  started_at timestamptz,                  -- the rollback window opens
  ended_at timestamptz,                    -- `complete` or `rollback`: the window closes `keep` later
  window_since timestamptz,                -- soak or bake clock: entry, or the last failing round
  paused_since timestamptz,
  paused_ms bigint not null default 0,     -- pauses since window_since, which do not count
  lease_holder text,                       -- operator, host and process, for people
  lease_token bigint not null default 0,   -- fencing token: every holder's writes check it in their transaction
  lease_until timestamptz
);

-- A row a seeded document: what both stores were last linked to, who is right, and the proof.
create table dualpath.documents (
  id text primary key,
  cohort text not null references dualpath.cohorts (name) on update cascade,
  authority text not null default 'legacy' check (authority in ('legacy', 'local-first')),
  fingerprint bytea not null,              -- SHA-256 of the canonical form of the linked content
  legacy_revision bigint,                  -- the application's number for it, null where it keeps none
  owner text,
  lineage text not null,
  version bigint not null default 1,       -- our own number for the linked content
  head bigint not null default 1,          -- newest updates.seq merged into the state
  head_hash bytea not null,                -- SHA-256 of the state bytes as we last wrote them
  seeded_at timestamptz not null default now(),
  linked_at timestamptz not null default now(),
  observed bigint not null default 1,      -- newest version counted as an observation; the seed is none
  proof_legacy_xmin text,                  -- the exact pair of rows that compared equal …
  proof_local_xmin text,
  proof_head bigint,                       -- … and the head; the proof binds while all three stand
  proved_at timestamptz,
  deleted_at timestamptz                   -- tombstone: the application deleted its row
);
create index documents_cohort on dualpath.documents (cohort, id);
create index documents_owner on dualpath.documents (owner);
create index documents_unproven on dualpath.documents (cohort, id)
  where deleted_at is null and proof_head is distinct from head;
create index documents_unobserved on dualpath.documents (cohort, id)
  where deleted_at is null and version > observed;

-- Every update ever accepted, raw. A row that links a content carries its version, fingerprint and revision.
create table dualpath.updates (
  document_id text not null,
  seq bigint not null,
  payload bytea not null,
  device_id text,
  origin text not null check (origin in ('seed', 'save', 'push', 'capture', 'repair')),
  received_at timestamptz not null default now(),
  client bigint,                           -- the seed's Yjs client id, registered so that a doubled seed is seen
  version bigint,
  fingerprint bytea,
  legacy_revision bigint,
  primary key (document_id, seq)
);
create unique index updates_seed on dualpath.updates (client) where origin = 'seed';

-- Contents that no update leads to: replaced before they were taken in, or not convertible.
create table dualpath.versions (
  id bigint generated always as identity primary key,
  document_id text not null,
  content text not null,
  legacy_revision bigint,
  source text not null check (source in ('capture', 'conflict', 'rollback', 'repair')),
  kept_at timestamptz not null default now()
);
create index versions_document on dualpath.versions (document_id, id);

-- Held on legacy with a reason. A document can be here without ever having been seeded.
create table dualpath.quarantine (
  document_id text primary key,
  cohort text not null references dualpath.cohorts (name) on update cascade,
  code text not null,
  reason text not null,
  legacy_xmin text,                        -- the row that was tried: another one is worth another try
  since timestamptz not null default now(),
  retried_at timestamptz
);
create index quarantine_cohort on dualpath.quarantine (cohort, document_id);

-- Change capture: a queue whose entries are deleted when taken in, never a cursor by number.
create table dualpath.captures (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('document', 'user')),
  subject text not null,
  content text,                            -- what was written, for a seeded document: a candidate base only
  revision bigint,
  gone boolean not null default false,     -- the row ceased to be: a row of this id is a new one
  captured_at timestamptz not null default clock_timestamp()
);
create index captures_subject on dualpath.captures (kind, subject, id);

-- The backfill's ledger: who may copy which range of ids, and what is done.
create table dualpath.chunks (
  cohort text not null references dualpath.cohorts (name) on update cascade,
  run integer not null,                    -- one for each time the cohort was started
  number integer not null,
  after_id text,                           -- exclusive; null: from the beginning
  upto_id text not null,                   -- inclusive; the last chunk's is the watermark
  documents integer not null,
  bytes bigint not null,
  done_at timestamptz,
  seeded integer not null default 0,
  quarantined integer not null default 0,
  primary key (cohort, run, number)
);
create index chunks_open on dualpath.chunks (cohort, run, number) where done_at is null;

-- Full and partial comparisons; the cursor and the counts move in one transaction.
create table dualpath.verifications (
  id bigint generated always as identity primary key,
  cohort text not null references dualpath.cohorts (name) on update cascade,
  scope text not null check (scope in ('full', 'changed', 'document')),
  cursor text,                             -- newest id compared
  compared bigint not null default 0,
  matched bigint not null default 0,
  missing bigint not null default 0,
  extra bigint not null default 0,
  quarantined bigint not null default 0,
  drift bigint not null default 0,
  repaired bigint not null default 0,
  started_at timestamptz not null default now(),
  finished_at timestamptz
);
create index verifications_cohort on dualpath.verifications (cohort, id desc);

-- Documents whose two sides differ at settled revisions. Counts are taken from here, so that a repair is seen at once.
create table dualpath.drift (
  document_id text primary key,
  cohort text not null references dualpath.cohorts (name) on update cascade,
  class text not null check (class in ('missing', 'extra', 'content', 'revision', 'undecodable', 'doubled', 'stale')),
  detail text not null,
  since timestamptz not null default now()
);
create index drift_cohort on dualpath.drift (cohort, document_id);

create table dualpath.rounds (
  id bigint generated always as identity primary key,
  cohort text not null references dualpath.cohorts (name) on update cascade,
  stage text not null,
  started_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp(),
  compared bigint not null,
  sampled bigint not null,
  sample_seed bigint,                      -- which documents were sampled can be worked out again from it
  observations bigint not null,
  mismatches bigint not null,
  missing bigint,                          -- set difference; null: not measured in this round
  parity_checked bigint,
  parity_wrong bigint,
  verdict text not null check (verdict in ('pass', 'fail', 'inconclusive', 'error')),
  gates jsonb not null
);
create index rounds_cohort on dualpath.rounds (cohort, id desc);

-- What we last confirmed for each flag, and a write whose outcome is not known yet.
create table dualpath.flags (
  role text primary key check (role in ('dual_write', 'default')),
  flag text not null,
  confirmed jsonb not null,
  confirmed_at timestamptz not null default now(),
  intended jsonb,
  intended_at timestamptz
);

-- Decisions, append-only and hash-chained: hash = SHA-256(previous ‖ body).
create table dualpath.journal (
  seq bigint primary key,
  at timestamptz not null,
  cohort text,
  operator text not null,
  kind text not null,
  reason text,
  body text not null,                      -- the canonical JSON that was hashed
  previous bytea not null,
  hash bytea not null
);
create index journal_cohort on dualpath.journal (cohort, seq);

create function dualpath.refuse_journal_change() returns trigger language plpgsql as $$
begin
  raise exception 'the journal is append-only' using errcode = 'restrict_violation';
end
$$;
create trigger journal_is_append_only before update or delete on dualpath.journal
  for each row execute function dualpath.refuse_journal_change();
create trigger journal_is_never_truncated before truncate on dualpath.journal
  for each statement execute function dualpath.refuse_journal_change();
