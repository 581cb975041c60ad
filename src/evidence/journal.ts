import { createHash } from 'node:crypto';
import type { Queryable } from '../postgres/queryable.ts';

/** Who asked, and why; the operator is a name for people, never a secret. */
export interface Operator {
  readonly name: string;
  readonly reason: string | null;
}

export interface JournalEntry {
  readonly seq: string;
  readonly at: string;
  readonly cohort: string | null;
  readonly operator: string;
  readonly kind: string;
  readonly reason: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ChainVerdict {
  readonly entries: number;
  /** The first entry whose hash, place or columns are not what the chain says; null when the chain holds. */
  readonly broken: { readonly seq: string; readonly because: string } | null;
  /** Hash of the newest entry, hexadecimal: keep it elsewhere to notice a cut tail. */
  readonly head: string;
}

const GENESIS = Buffer.alloc(32);
const PAGE = 1000;

const hashOf = (previous: Buffer, body: string): Buffer =>
  createHash('sha256').update(previous).update(body, 'utf8').digest();

/**
 * Appends one decision in the caller's transaction, so that what was decided and what was done commit together.
 * Appenders queue on an advisory lock until they commit: the chain has no forks.
 */
export async function appendJournal(
  tx: Queryable,
  operator: Operator,
  kind: string,
  cohort: string | null,
  data: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('dualpath.journal', 0))`);
  const { rows } = await tx.query<{ seq: string; hash: Buffer | null; at: Date }>(
    `select coalesce(max(seq), 0) + 1 as seq, clock_timestamp() as at,
            (select hash from dualpath.journal order by seq desc limit 1) as hash
       from dualpath.journal`,
  );
  const last = rows[0];
  if (!last) throw new Error('the journal answered without a row');
  const at = last.at.toISOString();
  const body = JSON.stringify({
    seq: String(last.seq),
    at,
    cohort,
    operator: operator.name,
    kind,
    reason: operator.reason,
    data,
  });
  const previous = last.hash ?? GENESIS;
  await tx.query(
    `insert into dualpath.journal (seq, at, cohort, operator, kind, reason, body, previous, hash)
     values ($1::bigint, $2::timestamptz, $3::text, $4::text, $5::text, $6::text, $7::text, $8::bytea, $9::bytea)`,
    [last.seq, at, cohort, operator.name, kind, operator.reason, body, previous, hashOf(previous, body)],
  );
}

/** Entries in order, a page at a time; `cohort` null means all of them. */
export async function* readJournal(
  db: Queryable,
  cohort: string | null = null,
): AsyncGenerator<JournalEntry> {
  let after = '0';
  while (true) {
    const { rows } = await db.query<{ seq: string; body: string }>(
      `select seq, body from dualpath.journal
        where seq > $1::bigint and ($2::text is null or cohort = $2::text)
        order by seq limit $3::int`,
      [after, cohort, PAGE],
    );
    for (const row of rows) yield JSON.parse(row.body) as JournalEntry;
    const newest = rows.at(-1);
    if (!newest || rows.length < PAGE) return;
    after = newest.seq;
  }
}

interface StoredEntry {
  seq: string;
  at: Date;
  cohort: string | null;
  operator: string;
  kind: string;
  reason: string | null;
  body: string;
  previous: Buffer;
  hash: Buffer;
}

/** Recomputes the chain from the first entry; a page at a time, so a journal of any length fits. */
export async function verifyJournal(db: Queryable): Promise<ChainVerdict> {
  let previous: Buffer = GENESIS;
  let entries = 0;
  while (true) {
    const { rows } = await db.query<StoredEntry>(
      `select seq, at, cohort, operator, kind, reason, body, previous, hash
         from dualpath.journal where seq > $1::bigint order by seq limit $2::int`,
      [entries, PAGE],
    );
    for (const row of rows) {
      const because = faultOf(row, entries + 1, previous);
      if (because)
        return { entries, broken: { seq: String(row.seq), because }, head: previous.toString('hex') };
      previous = row.hash;
      entries += 1;
    }
    if (rows.length < PAGE) return { entries, broken: null, head: previous.toString('hex') };
  }
}

function faultOf(row: StoredEntry, wantedSeq: number, previous: Buffer): string | null {
  if (Number(row.seq) !== wantedSeq) return `entry ${wantedSeq} is missing`;
  if (!row.previous.equals(previous)) return 'it does not follow the entry before it';
  if (!row.hash.equals(hashOf(previous, row.body))) return 'its text was changed after it was written';
  const body = JSON.parse(row.body) as JournalEntry;
  const same =
    body.seq === String(row.seq) &&
    body.at === row.at.toISOString() &&
    body.cohort === row.cohort &&
    body.operator === row.operator &&
    body.kind === row.kind &&
    body.reason === row.reason;
  return same ? null : 'its columns do not say what its text says';
}
