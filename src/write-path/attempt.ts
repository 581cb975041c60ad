import { documentKey } from '../documents/document-key.ts';
import { type Receipt, writeReceipt } from '../documents/receipts.ts';
import { DualpathError } from '../errors.ts';
import { sqlState } from '../postgres/errors.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { CallOptions, StoreContext } from './context.ts';

/** How far one call came: its transaction, which knew, is gone when it fails. */
export interface Attempt {
  /** The path that is at work. */
  path: 'legacy' | 'local-first';
  /** A store refused the write, by this code, and the caller is told so by an error. */
  refused: string | null;
  /** A transaction of ours can be begun again where a store refuses something; a caller's goes on, behind a savepoint. */
  hopeful: boolean;
}

export const newAttempt = ({ tx }: CallOptions): Attempt => ({
  path: 'local-first',
  refused: null,
  hopeful: tx === undefined,
});

/** Does what the legacy path alone would do, too: what fails in it is a failure of that path. */
export async function onLegacyPath<T>(attempt: Attempt, work: () => Promise<T>): Promise<T> {
  attempt.path = 'legacy';
  const done = await work();
  attempt.path = 'local-first';
  return done;
}

/**
 * Leaves a receipt of a call that failed, beside the transaction that is gone, so that the soak sees it. Nothing is
 * written of what the caller asked for in vain, or can ask for again.
 */
export async function noteFailure(
  { pool }: Pick<StoreContext, 'pool'>,
  { tx }: CallOptions,
  attempt: Attempt,
  call: { readonly kind: 'save' | 'push'; readonly id: string; readonly deviceId?: string },
  error: unknown,
): Promise<void> {
  const code = attempt.refused ?? failureIn(error);
  if (code === null) return;
  const noted = writeFailure(pool, {
    document: documentKey(call.id),
    kind: call.kind,
    device: call.deviceId ?? null,
    outcome: 'failed',
    failed: attempt.path,
    error: code,
  }).catch(() => undefined); // Whoever called is told of the failure itself, which matters more.
  // The caller keeps a connection until it hears of the failure: to wait for another one could be to wait for itself.
  if (tx === undefined) await noted;
}

/** Of a document that never was in a started cohort there is nothing to soak. */
async function writeFailure(db: Queryable, receipt: Receipt): Promise<void> {
  const { rows } = await db.query<{ cohort: string }>(
    `select cohort from dualpath.documents where id = $1::text`,
    [receipt.document],
  );
  const [link] = rows;
  if (link) await writeReceipt(db, { ...receipt, cohort: link.cohort });
}

/** Answers about the document, about what was sent or about how it was asked: the paths did their work. */
const ANSWERS = [
  'not-found',
  'deleted',
  'not-enrolled',
  'quarantined',
  'lineage-ended',
  'invalid-content',
  'update-rejected',
  'bad-argument',
  'database-read-only',
];

/** Locks, lost connections, a server that is full or stops, and a transaction that the caller had spoilt before. */
const NOT_OURS = /^(08|25|40|53|55P03|57P0)/;

/** A code for what a path could not do; null for anything else. */
function failureIn(error: unknown): string | null {
  const state = sqlState(error);
  if (state !== undefined) return NOT_OURS.test(state) ? null : state;
  if (!(error instanceof DualpathError)) return 'internal';
  if (error.code === 'not-stored') return String(error.details.sqlState);
  return error.retryable || ANSWERS.includes(error.code) ? null : error.code;
}
