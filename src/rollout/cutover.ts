import type { Authority } from '../core/model.ts';
import { shellWord } from '../core/shell-word.ts';
import { assertFence, type Fence } from '../documents/fence.ts';
import { readLegacyRows } from '../documents/legacy.ts';
import { type Link, readLinks } from '../documents/links.ts';
import { readStates } from '../documents/local-first.ts';
import { rowHolders } from '../documents/row-holders.ts';
import { startedCohorts } from '../documents/started-cohorts.ts';
import type { Stores } from '../documents/stores.ts';
import { ProofError } from '../errors.ts';
import { appendJournal } from '../evidence/journal.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { recordFindings } from '../verify/record.ts';
import { compareHeld } from '../verify/settle.ts';
import { verify } from '../verify/verify.ts';
import { countByAuthority, countOn, pagesOn, setAuthority } from './authority.ts';
import { countOf, describeMoving } from './describe-action.ts';
import { inParts } from './in-parts.ts';
import type { Session } from './session.ts';
import { takeBack } from './take-back.ts';

/** A document that is written between each comparison and its move is hot: after these it is compared inside its lock. */
const MISSES = 3;

/** How many documents moved; `holders` are the processes that kept the rest locked. */
export interface Moved {
  readonly documents: number;
  readonly holders: readonly number[];
}

/**
 * Moves the authority of a cohort's documents, each under the lock of its rows.
 * To local-first: by compare-and-set on the exact pair of rows and the head that its proof holds; documents whose proof
 * does not bind any more are compared again, and hot ones inside their lock. To legacy: without any gate.
 * Stops between two batches when `signal` fires; what has moved stays moved. Rows that somebody keeps locked are left.
 * @throws ProofError `drift` (exit 3) when a document's two sides differ at settled revisions.
 */
export async function moveAuthority(
  session: Session,
  fence: Fence,
  to: Authority,
  signal: AbortSignal,
): Promise<Moved> {
  const { holders, ...moved } =
    to === 'local-first' ? await cutOver(session, fence, signal) : await takeBack(session, fence, signal);
  const { documents } = moved;
  if (documents === 0 && holders.length > 0) return { documents, holders };
  await inTransaction(session.pool, async (tx) => {
    await assertFence(tx, fence);
    await appendJournal(tx, session.operator, 'authority-moved', fence.cohort, { to, ...moved });
  });
  return { documents, holders };
}

async function cutOver(session: Session, fence: Fence, signal: AbortSignal): Promise<Moved> {
  const { pool, stores, progress } = session;
  const before = await countByAuthority(pool, fence.cohort);
  const total = before.legacy + before['local-first'];
  let documents = 0;
  for (let miss = 0; ; miss += 1) {
    const inLock = miss >= MISSES;
    const busy: string[] = [];
    for await (const ids of pagesOn(pool, fence.cohort, 'legacy', signal)) {
      const batch = await inParts(session, ids, async (tx, some) => {
        const count = await setAuthority(tx, await lockProven(stores, tx, some, inLock), 'local-first');
        await assertFence(tx, fence);
        return count;
      });
      for (const count of batch.done) documents += count;
      busy.push(...batch.busy);
      progress(`${fence.cohort}: ${describeMoving(before['local-first'] + documents, total, 'local-first')}`);
    }
    const left = await countOn(pool, fence.cohort, 'legacy');
    if (left === 0 || left === busy.length || inLock)
      return { documents, holders: await rowHolders(pool, stores, busy) };
    const [result] = await verify(pool, stores, { cohorts: [fence.cohort], scope: 'changed', signal });
    if (result && result.driftTotal > 0) throw driftStops(fence.cohort, result.driftTotal);
  }
}

/** Locks a batch and gives the documents whose proof holds the very rows that are there; hot ones are brought level first. */
export async function lockProven(
  stores: Stores,
  tx: Queryable,
  ids: readonly string[],
  inLock: boolean,
): Promise<readonly string[]> {
  if (inLock) await recordFindings(tx, await compareHeld(tx, stores, ids, await startedCohorts(tx)));
  const rows = new Map((await readLegacyRows(tx, stores, ids, { lock: true })).map((row) => [row.id, row]));
  const links = await readLinks(tx, ids, { lock: true });
  const states = new Map((await readStates(tx, stores, ids, { lock: true })).map((row) => [row.id, row]));
  return links
    .filter((link) => proofBinds(link, rows.get(link.id)?.xmin, states.get(link.id)?.xmin))
    .map((link) => link.id);
}

const proofBinds = (link: Link, legacyXmin: string | undefined, localXmin: string | undefined): boolean =>
  legacyXmin !== undefined &&
  localXmin !== undefined &&
  link.proofHead === link.head &&
  link.proofLegacyXmin === legacyXmin &&
  link.proofLocalXmin === localXmin;

const driftStops = (cohort: string, drift: number): ProofError =>
  new ProofError(
    'drift',
    `The cutover of ${cohort} stopped at ${countOf(drift)} with unequal sides.`,
    `See which with \`dualpath verify ${shellWord(cohort)} --dry-run\`, mend them with \`dualpath verify ${shellWord(cohort)} --repair\`, then run \`dualpath flip ${shellWord(cohort)}\` again.`,
    { cohort, drift },
  );
