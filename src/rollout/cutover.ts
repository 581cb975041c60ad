import type { Authority } from '../core/model.ts';
import { assertFence, type Fence } from '../documents/fence.ts';
import { readLegacyRows } from '../documents/legacy.ts';
import { type Link, readLinks } from '../documents/links.ts';
import { readStates } from '../documents/local-first.ts';
import { startedCohorts } from '../documents/started-cohorts.ts';
import { ProofError } from '../errors.ts';
import { appendJournal } from '../evidence/journal.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { recordFindings } from '../verify/record.ts';
import { compareHeld } from '../verify/settle.ts';
import { verify } from '../verify/verify.ts';
import type { Session } from './session.ts';

/** Documents locked at once: some tens of milliseconds that a writer of one of them may have to wait. */
const BATCH = 100;

/** A document that is written between each comparison and its move is hot: after these it is compared inside its lock. */
const MISSES = 3;

/**
 * Moves the authority of a cohort's documents, each under the lock of its rows.
 * To local-first: by compare-and-set on the exact pair of rows and the head that its proof holds; documents whose proof
 * does not bind any more are compared again, and hot ones inside their lock. To legacy: without any gate.
 * Stops between two batches when `signal` fires; what has moved stays moved.
 * @throws ProofError `drift` (exit 3) when a document's two sides differ at settled revisions.
 */
export async function moveAuthority(
  session: Session,
  fence: Fence,
  to: Authority,
  signal: AbortSignal,
): Promise<void> {
  const moved =
    to === 'local-first' ? await cutOver(session, fence, signal) : await takeBack(session, fence, signal);
  await inTransaction(session.pool, (tx) =>
    appendJournal(tx, session.operator, 'authority-moved', fence.cohort, { to, ...moved }),
  );
}

async function cutOver(session: Session, fence: Fence, signal: AbortSignal): Promise<{ documents: number }> {
  const { pool, stores, progress } = session;
  let documents = 0;
  for (let miss = 0; ; miss += 1) {
    const inLock = miss >= MISSES;
    for await (const ids of pagesOn(pool, fence.cohort, 'legacy', signal)) {
      documents += await inTransaction(pool, async (tx) => {
        const bound = await lockProven(session, tx, ids, inLock);
        const count = await setAuthority(tx, bound, 'local-first');
        await assertFence(tx, fence);
        return count;
      });
      progress(`${fence.cohort}: ${documents} documents on local-first`);
    }
    const left = await countOn(pool, fence.cohort, 'legacy');
    if (left === 0) return { documents };
    const [result] = await verify(pool, stores, { cohorts: [fence.cohort], scope: 'changed', signal });
    if (result && result.driftTotal > 0) throw driftStops(fence.cohort, result.driftTotal);
  }
}

/** Locks a batch and gives the documents whose proof holds the very rows that are there; hot ones are brought level first. */
async function lockProven(
  { stores }: Session,
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

async function takeBack(
  session: Session,
  fence: Fence,
  signal: AbortSignal,
): Promise<{ documents: number; mirroredAgain: number }> {
  const { pool, stores, progress } = session;
  let documents = 0;
  let mirroredAgain = 0;
  for await (const ids of pagesOn(pool, fence.cohort, 'local-first', signal)) {
    const batch = await inTransaction(pool, async (tx) => {
      // A legacy row that somebody wrote is taken in first, so both sides are level before the legacy one is right again.
      const findings = await compareHeld(tx, stores, ids, await startedCohorts(tx));
      await recordFindings(tx, findings);
      const mirrored = findings.filter(({ comparison }) => comparison.result === 'mismatch').length;
      const count = await setAuthority(tx, ids, 'legacy');
      await assertFence(tx, fence);
      return { count, mirrored };
    });
    documents += batch.count;
    mirroredAgain += batch.mirrored;
    progress(`${fence.cohort}: ${documents} documents on legacy`);
  }
  return { documents, mirroredAgain };
}

async function setAuthority(tx: Queryable, ids: readonly string[], to: Authority): Promise<number> {
  const { rowCount } = await tx.query(
    `update dualpath.documents set authority = $2::text where id = any($1::text[]) and authority <> $2::text`,
    [ids, to],
  );
  return rowCount ?? 0;
}

/** Ids of live documents with this authority, outside quarantine unless they are to be taken back; in pages by id. */
async function* pagesOn(
  db: Queryable,
  cohort: string,
  authority: Authority,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  let after = '';
  while (true) {
    signal.throwIfAborted();
    const { rows } = await db.query<{ id: string }>(
      `select d.id from dualpath.documents d
        where d.cohort = $1::text and d.id > $2::text and d.authority = $3::text and d.deleted_at is null
          and ($3::text = 'local-first' or not exists (select from dualpath.quarantine q where q.document_id = d.id))
        order by d.id limit $4::int`,
      [cohort, after, authority, BATCH],
    );
    const newest = rows.at(-1);
    if (!newest) return;
    yield rows.map((row) => row.id);
    after = newest.id;
  }
}

async function countOn(db: Queryable, cohort: string, authority: Authority): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `select count(*)::int as count from dualpath.documents d
      where d.cohort = $1::text and d.authority = $2::text and d.deleted_at is null
        and not exists (select from dualpath.quarantine q where q.document_id = d.id)`,
    [cohort, authority],
  );
  return rows[0]?.count ?? 0;
}

const driftStops = (cohort: string, drift: number): ProofError =>
  new ProofError(
    'drift',
    `The cutover of ${cohort} stopped: ${drift} document(s) differ between the two stores.`,
    'Look at them with `dualpath diff`, mend them with `dualpath verify --repair`, then run `dualpath flip` again.',
    { cohort, drift },
  );
