import type { LegacyRow } from '../documents/legacy.ts';
import { readLegacyRows } from '../documents/legacy.ts';
import { underOwnMark, writeLegacyContent } from '../documents/legacy-write.ts';
import { type Link, moveHeads, readLinks } from '../documents/links.ts';
import { insertStates, readStates, writeState } from '../documents/local-first.ts';
import { readPairs } from '../documents/pairs.ts';
import { release } from '../documents/quarantine.ts';
import type { Stores } from '../documents/stores.ts';
import { keepVersions } from '../documents/updates.ts';
import { DualpathError } from '../errors.ts';
import { clientIdsIn, decodeState, writeLegacy } from '../formats/index.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { takeIn } from '../write-path/ingest.ts';
import { hashOf, readContent } from '../write-path/seed.ts';
import type { Ability } from './ability.ts';
import type { MismatchClass } from './compare.ts';
import type { Finding } from './finding.ts';
import { look } from './look.ts';
import { type Mend, planMend } from './mend.ts';
import { recordFindings } from './record.ts';
import { appendRepair, mendablePage, readLog } from './repair-sql.ts';
import { countRepair, type Run } from './runs.ts';
import { setAside } from './set-aside.ts';
import { isLockTrouble, LOCK_TIMEOUT_MS } from './settle.ts';

const PAGE = 500;

/**
 * Mends what drifts, one document a transaction: both sides are brought to what the side with authority holds. What was
 * found stays, in the log or as a version. A document counts as repaired when it compared clean after it, in the same
 * transaction; else everything is undone and it stays drift. What has no link cannot be mended, for nobody knows whose
 * it is: where a person names it, it is set aside.
 */
export async function repairDrift(
  pool: Pool,
  stores: Stores,
  cohort: string,
  run: Run,
  ability: Ability,
  options: { readonly document?: string; readonly signal?: AbortSignal } = {},
): Promise<readonly Refused[]> {
  const refused: Refused[] = [];
  let after: string | null = null;
  while (true) {
    const page = await mendablePage(pool, cohort, { after, limit: PAGE, document: options.document });
    const theirs = await writtenByApplication(pool, stores, page);
    refused.push(...[...theirs].map((document) => ({ document, because: THEIRS })));
    for (const { id, class: was } of page) {
      options.signal?.throwIfAborted();
      if (theirs.has(id)) continue;
      const named = was === 'extra' && options.document !== undefined;
      if (named && (await setAsideOne(pool, stores, id, run))) continue;
      await repairOne(pool, stores, id, run, was, ability);
    }
    const last = page.at(-1);
    if (last === undefined) return refused;
    after = last.id;
  }
}

/** A document that is not mended, and why not. */
export interface Refused {
  readonly document: string;
  readonly because: string;
}

const THEIRS =
  'the application writes both of its stores by itself (write_path: own), so it is the application that mends it';

/** Those of the documents that the application has written: neither of their stores is ours. */
async function writtenByApplication(
  db: Queryable,
  stores: Stores,
  page: readonly { readonly id: string }[],
): Promise<ReadonlySet<string>> {
  const { writePath, settleMs } = stores.config;
  if (writePath === 'library') return new Set();
  const ids = page.map(({ id }) => id);
  const pairs = await readPairs(db, ids, settleMs);
  return new Set(ids.filter((id) => pairs.get(id)?.written ?? true));
}

/** On whose behalf versions are kept. */
type Source = 'repair' | 'rollback';

/** Thrown to undo a repair that did not compare clean. */
export class NotMended extends Error {}

/**
 * Takes a document in and, where its sides differ still, brings both to what the side with authority holds; what was
 * found is kept, as a version of `source` where no update leads to it. The caller's transaction holds it afterwards.
 * @throws NotMended where it does not compare clean then: the caller rolls back
 */
export async function level(
  tx: Queryable,
  stores: Stores,
  id: string,
  started: ReadonlySet<string>,
  source: Source,
): Promise<void> {
  await takeIn(tx, stores, [id], started);
  const before = await lookAtOne(tx, stores, id);
  if (before?.comparison.result === 'mismatch' || before?.comparison.result === 'quarantined')
    await mendHeld(tx, stores, id, source);
  const after = await lookAtOne(tx, stores, id);
  if (!after || after.comparison.result === 'mismatch' || after.comparison.result === 'quarantined')
    throw new NotMended();
  await recordFindings(tx, [after]);
}

async function repairOne(
  pool: Pool,
  stores: Stores,
  id: string,
  run: Run,
  was: MismatchClass | null,
  { started }: Ability,
): Promise<void> {
  try {
    await inTransaction(
      pool,
      async (tx) => {
        await level(tx, stores, id, started, 'repair');
        await countRepair(tx, run, was);
      },
      { lockTimeoutMs: LOCK_TIMEOUT_MS },
    );
  } catch (error) {
    if (!(error instanceof NotMended) && !isLockTrouble(error)) throw error;
  }
}

async function setAsideOne(pool: Pool, stores: Stores, id: string, run: Run): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    if (!(await setAside(tx, stores, id))) return false;
    await recordFindings(tx, await look(tx, stores, [id]));
    await countRepair(tx, run, 'extra');
    return true;
  });
}

async function lookAtOne(tx: Queryable, stores: Stores, id: string): Promise<Finding | undefined> {
  return (await look(tx, stores, [id]))[0];
}

/** @throws NotMended where there is nothing to mend it from. */
async function mendHeld(tx: Queryable, stores: Stores, id: string, source: Source): Promise<void> {
  const [row] = await readLegacyRows(tx, stores, [id], { lock: true });
  const [link] = await readLinks(tx, [id], { lock: true });
  const [state] = await readStates(tx, stores, [id], { lock: true });
  if (!row || !link || link.deletedAt !== null) throw new NotMended();
  const found = state?.state ?? null;
  const mend = await planFor(tx, stores, row, link, found);
  if (found && mend.keepFound) await keepFound(tx, stores, id, found, source);
  const revision = mend.mirror ? await mirror(tx, stores, row, mend, source) : row.revision;
  await writeMend(tx, stores, link, mend, revision, found !== null);
  await release(tx, [id]);
}

async function planFor(
  tx: Queryable,
  stores: Stores,
  row: LegacyRow,
  link: Link,
  found: Uint8Array | null,
): Promise<Mend> {
  try {
    return planMend({
      id: row.id,
      shape: stores.shape,
      authority: link.authority,
      lineage: link.lineage,
      content: readContent(stores, row),
      revision: row.revision ?? '',
      linked: link.fingerprint,
      found,
      log: await readLog(tx, row.id),
    });
  } catch (error) {
    // The row's content does not convert: quarantine is for that.
    if (error instanceof DualpathError) throw new NotMended();
    throw error;
  }
}

async function keepFound(
  tx: Queryable,
  stores: Stores,
  id: string,
  found: Uint8Array,
  source: Source,
): Promise<void> {
  await keepVersions(tx, [{ id, content: contentIn(stores, found), legacyRevision: null, source }]);
}

/** The content that can be read in a state; bytes that hold none as base64. */
export function contentIn(stores: Stores, found: Uint8Array): string {
  try {
    return writeLegacy(decodeState(found, stores.shape));
  } catch {
    return `base64:${Buffer.from(found).toString('base64')}`;
  }
}

/** Writes the local-first content to the legacy row, which keeps what it held as a version. Gives the row's revision. */
async function mirror(
  tx: Queryable,
  stores: Stores,
  row: LegacyRow,
  mend: Mend,
  source: Source,
): Promise<string | null> {
  await keepVersions(tx, [{ id: row.id, content: row.content ?? '', legacyRevision: row.revision, source }]);
  return (await writeLegacyContent(tx, stores, row.id, writeLegacy(mend.content))).revision;
}

async function writeMend(
  tx: Queryable,
  stores: Stores,
  link: Link,
  mend: Mend,
  revision: string | null,
  stateExists: boolean,
): Promise<void> {
  const { fingerprint } = mend.content;
  const version = link.fingerprint.equals(fingerprint) ? link.version : String(BigInt(link.version) + 1n);
  const head = await appendRepair(
    tx,
    link.id,
    link.head,
    mend.updates.map(({ payload, origin }, index) => ({
      payload,
      origin,
      client: origin === 'seed' ? seedClient(payload) : null,
      links: index === mend.updates.length - 1 ? { version, fingerprint, revision } : null,
    })),
  );
  await underOwnMark(tx, async () => {
    if (stateExists) await writeState(tx, stores, link.id, mend.state);
    else await insertStates(tx, stores, [{ id: link.id, state: mend.state }]);
  });
  await moveHeads(tx, [
    {
      id: link.id,
      cohort: link.cohort,
      owner: link.owner,
      fingerprint,
      legacyRevision: revision,
      version,
      head,
      headHash: hashOf(mend.state),
      lineage: mend.lineage,
    },
  ]);
  if (mend.lineage !== link.lineage) await keepAuthority(tx, link);
}

/** A document that is mended by a new seed is the same document, not one that somebody created again. */
async function keepAuthority(tx: Queryable, { id, authority, observed }: Link): Promise<void> {
  await tx.query(
    `update dualpath.documents set authority = $2::text, observed = $3::bigint where id = $1::text`,
    [id, authority, observed],
  );
}

function seedClient(seed: Uint8Array): string | null {
  const [client] = clientIdsIn(seed);
  return client === undefined ? null : String(client);
}
