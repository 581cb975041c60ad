import { createHmac } from 'node:crypto';
import type { Queryable } from '../postgres/queryable.ts';

/** That something happened, without content. Numbers of versions, updates and heads are strings. */
export interface Receipt {
  readonly document: string;
  readonly kind: 'save' | 'load' | 'push' | 'pull' | 'merge' | 'capture';
  readonly cohort?: string | null;
  readonly device?: string | null;
  readonly outcome?: string;
  readonly revision?: string | null;
  readonly version?: string | null;
  readonly base?: string | null;
  readonly baseKnown?: string | null;
  readonly seq?: string | null;
  readonly headBefore?: string | null;
  readonly headAfter?: string | null;
  readonly bytes?: number;
  /** Keyed: see `keyedFingerprint`. */
  readonly fingerprint?: Uint8Array | null;
  readonly saveId?: string | null;
  /** What the device named: epoch, session, seq, commit. */
  readonly named?: Readonly<Record<string, string | number>> | null;
  /** Of a merge. */
  readonly words?: Readonly<Record<string, number>> | null;
  readonly class?: string | null;
  readonly conflict?: string | null;
  /** Set on an observation: what each path took until the receipt is written, in microseconds. */
  readonly legacyUs?: number | null;
  readonly localUs?: number | null;
  /** Both paths hold the same after it; the statement that writes the state has its say in it, too. */
  readonly agrees?: boolean | null;
  readonly failed?: 'legacy' | 'local-first' | null;
  readonly error?: string | null;
}

const COLUMNS: readonly (readonly [column: string, type: string, of: (receipt: Receipt) => unknown])[] = [
  ['document_id', 'text', (r) => r.document],
  ['kind', 'text', (r) => r.kind],
  ['cohort', 'text', (r) => r.cohort],
  ['device_id', 'text', (r) => r.device],
  ['outcome', 'text', (r) => r.outcome],
  ['revision', 'bigint', (r) => r.revision],
  ['version', 'bigint', (r) => r.version],
  ['base', 'bigint', (r) => r.base],
  ['base_known', 'text', (r) => r.baseKnown],
  ['seq', 'bigint', (r) => r.seq],
  ['head_before', 'bigint', (r) => r.headBefore],
  ['head_after', 'bigint', (r) => r.headAfter],
  ['bytes', 'integer', (r) => r.bytes],
  ['fingerprint', 'bytea', (r) => r.fingerprint],
  ['save_id', 'text', (r) => r.saveId],
  ['device', 'jsonb', (r) => (r.named ? JSON.stringify(r.named) : null)],
  ['words', 'jsonb', (r) => (r.words ? JSON.stringify(r.words) : null)],
  ['class', 'text', (r) => r.class],
  ['conflict', 'bigint', (r) => r.conflict],
  ['legacy_us', 'integer', (r) => r.legacyUs],
  ['local_us', 'integer', (r) => r.localUs],
  ['agrees', 'boolean', (r) => r.agrees],
  ['failed', 'text', (r) => r.failed],
  ['error', 'text', (r) => r.error],
];

/** Expressions that take the place of a receipt's own values, and what they are selected from. */
interface ReceiptSources {
  readonly from?: string;
  readonly revision?: string;
  /** False where a store turned out not to hold what was written: the time until it is known counts, too. */
  readonly same?: string;
}

/** An INSERT of a receipt whose values follow `before` other parameters. */
export function insertReceiptSql(before: number, { from, revision, same }: ReceiptSources = {}): string {
  const values = COLUMNS.map(([column, type], index) => {
    const value = `$${before + index + 1}::${type}`;
    if (column === 'revision' && revision !== undefined) return `coalesce(${value}, ${revision})`;
    if (same === undefined) return value;
    if (column === 'agrees') return `${value} and ${same}`;
    return column === 'local_us' ? `${value} + ${SINCE_STATEMENT}` : value;
  });
  return `insert into dualpath.receipts (${COLUMNS.map(([column]) => column).join(', ')})
       select ${values.join(', ')}${from === undefined ? '' : ` from ${from}`} returning id::text as id`;
}

/** Microseconds. */
const SINCE_STATEMENT = `(extract(epoch from clock_timestamp() - statement_timestamp()) * 1000000)::integer`;

export const receiptValues = (receipt: Receipt): readonly unknown[] =>
  COLUMNS.map(([, , of]) => of(receipt) ?? null);

export async function writeReceipt(db: Queryable, receipt: Receipt): Promise<string> {
  const { rows } = await db.query<{ id: string }>(insertReceiptSql(0), [...receiptValues(receipt)]);
  const [row] = rows;
  if (!row) throw new Error('a receipt could not be written');
  return row.id;
}

/** The key of this installation, which never leaves the database and this process. */
export async function readReceiptKey(db: Queryable): Promise<Uint8Array> {
  const { rows } = await db.query<{ key: Uint8Array }>(
    `select receipt_key as key from dualpath.installation`,
  );
  const [row] = rows;
  if (!row) throw new Error('dualpath is not installed here');
  return row.key;
}

/** A fingerprint that tells equal contents from others, and from which nobody can guess one. */
export const keyedFingerprint = (key: Uint8Array, fingerprint: Uint8Array): Uint8Array =>
  createHmac('sha256', key).update(fingerprint).digest();

/** That a plain write was found in a row and taken in. */
export interface CaptureReceipt {
  readonly document: string;
  readonly cohort: string;
  readonly outcome: string;
  readonly revision: string | null;
  readonly version: string;
  readonly base: string;
  readonly baseKnown: string;
  readonly seq: string;
  readonly class: string;
  readonly conflict: string | null;
}

export async function writeCaptureReceipts(
  tx: Queryable,
  receipts: readonly CaptureReceipt[],
): Promise<void> {
  if (receipts.length === 0) return;
  await tx.query(
    `insert into dualpath.receipts
       (document_id, kind, cohort, outcome, revision, version, base, base_known, seq, head_after, class, conflict)
     select n.id, 'capture', n.cohort, n.outcome, n.revision, n.version, n.base, n.base_known, n.seq, n.seq, n.class,
            n.conflict
       from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
                   $8::bigint[], $9::text[], $10::bigint[])
         as n (id, cohort, outcome, revision, version, base, base_known, seq, class, conflict)`,
    [
      receipts.map((receipt) => receipt.document),
      receipts.map((receipt) => receipt.cohort),
      receipts.map((receipt) => receipt.outcome),
      receipts.map((receipt) => receipt.revision),
      receipts.map((receipt) => receipt.version),
      receipts.map((receipt) => receipt.base),
      receipts.map((receipt) => receipt.baseKnown),
      receipts.map((receipt) => receipt.seq),
      receipts.map((receipt) => receipt.class),
      receipts.map((receipt) => receipt.conflict),
    ],
  );
}
