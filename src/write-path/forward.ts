import { moveHeads, placeLinks } from '../documents/links.ts';
import { readStates, writeStates } from '../documents/local-first.ts';
import { quarantine, release } from '../documents/quarantine.ts';
import { type CaptureReceipt, writeCaptureReceipts } from '../documents/receipts.ts';
import type { Stores } from '../documents/stores.ts';
import { appendUpdates, type KeptVersion, keepVersions } from '../documents/updates.ts';
import { clientIdsIn, decodeState, encodeSeed, writeLegacy } from '../formats/index.ts';
import { sqlState } from '../postgres/errors.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { HEAD_CODES } from './decide-ingest.ts';
import {
  type Change,
  type Found,
  type ReadChange,
  type Refused,
  type Step,
  stepForward,
} from './forward-step.ts';
import { mergeRow } from './merge-row.ts';
import { hashOf, type Refusal, readContent, refusalOf, requireSame } from './seed.ts';

/**
 * Brings the heads of linked documents to what their rows hold. A head that is not the one the row was last linked to
 * is a conflict: somebody wrote both sides, so neither is overwritten and the document is quarantined with both kept.
 */
export async function bringForward(
  tx: Queryable,
  stores: Stores,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, 'unchanged' | 'moved' | 'taken' | 'seeded' | 'quarantined'>> {
  const refused: Refused[] = [];
  const read = changes.flatMap((change): ReadChange[] => {
    try {
      return [{ ...change, content: readContent(stores, change.row) }];
    } catch (error) {
      refused.push({ change, refusal: refusalOf(error), kept: keptRow(change, 'capture') });
      return [];
    }
  });
  const settled = read.filter((change) => isLinked(change) && !HEAD_CODES.has(change.held?.code ?? ''));
  const steps: Step[] = [];
  for (const found of await withStates(
    tx,
    stores,
    read.filter((change) => !settled.includes(change)),
  )) {
    const next = await stepOf(tx, stores, found);
    if (next === null) settled.push(found.change);
    else if ('refusal' in next) refused.push(next);
    else steps.push(next);
  }
  await place(tx, settled);
  await write(tx, stores, steps);
  await refuse(tx, refused);
  return new Map([
    ...settled.map(
      ({ row, link, cohort }) => [row.id, cohort === link.cohort ? 'unchanged' : 'moved'] as const,
    ),
    ...steps.map(({ change }) => [change.row.id, change.reborn ? 'seeded' : 'taken'] as const),
    ...refused.map(({ change }) => [change.row.id, 'quarantined'] as const),
  ]);
}

const isLinked = ({ content, link, reborn }: ReadChange): boolean =>
  !reborn && (link.rowFingerprint ?? link.fingerprint).equals(content.fingerprint);

/** The number of the linked content: the row's own, unless the mirror has stopped and the row stands still. */
const linkedRevision = ({ row, link }: Change): string | null =>
  link.rowFingerprint === null ? row.revision : link.legacyRevision;

async function withStates(
  tx: Queryable,
  stores: Stores,
  changes: readonly ReadChange[],
): Promise<readonly Found[]> {
  const ids = changes.map(({ row }) => row.id);
  const states = new Map(
    (await readStates(tx, stores, ids, { lock: true })).map((row) => [row.id, row.state]),
  );
  return changes.map((change) => ({ change, state: states.get(change.row.id) ?? null }));
}

/** Null: the head is as linked, and so is the row. */
async function stepOf(
  tx: Queryable,
  stores: Stores,
  { change, state }: Found,
): Promise<Step | Refused | null> {
  if (state === null) return { change, refusal: STATE_MISSING, kept: keptRow(change, 'conflict') };
  if (!change.link.headHash.equals(hashOf(state))) {
    return {
      change,
      refusal: HEAD_MOVED,
      kept: [...keptRow(change, 'conflict'), ...keptState(stores, change, state)],
    };
  }
  if (isLinked(change)) return null;
  try {
    if (change.reborn) return seedAgain(stores, change);
    if (change.link.mergedVersion !== null) return await mergeRow(tx, stores, change, state);
    return stepForward(stores, change, state, {
      target: change.content,
      revision: change.row.revision,
      met: null,
    });
  } catch (error) {
    if (sqlState(error) !== undefined) throw error;
    return { change, refusal: refusalOf(error), kept: keptRow(change, 'capture') };
  }
}

const HEAD_MOVED: Refusal = {
  code: 'head-moved',
  reason:
    'Both its legacy row and its local-first state were changed by other programs since they were linked.',
};

const STATE_MISSING: Refusal = {
  code: 'state-missing',
  reason: 'Its local-first row is gone, and its legacy row was changed.',
};

function seedAgain(stores: Stores, change: ReadChange): Step {
  const { row, link, content } = change;
  const lineage = String(BigInt(link.lineage) + 1n);
  const update = encodeSeed(content, stores.shape, {
    documentId: row.id,
    lineage,
    revision: row.revision ?? '',
  });
  requireSame(stores, update, content);
  return {
    change,
    origin: 'seed',
    update,
    state: update,
    lineage,
    target: content,
    revision: row.revision,
    met: null,
  };
}

async function place(tx: Queryable, changes: readonly ReadChange[]): Promise<void> {
  const changed = changes.filter((change) => {
    const { row, link, cohort } = change;
    return (
      // Written again with the same content: its proof holds another row, and only here is that noticed.
      (link.proofHead !== null && link.proofLegacyXmin !== row.xmin) ||
      link.cohort !== cohort ||
      link.owner !== row.owner ||
      link.legacyRevision !== linkedRevision(change) ||
      link.deletedAt !== null
    );
  });
  await placeLinks(
    tx,
    changed.map((change) => ({
      id: change.row.id,
      cohort: change.cohort,
      owner: change.row.owner,
      legacyRevision: linkedRevision(change),
    })),
  );
  await release(tx, heldIds(changes));
}

async function write(tx: Queryable, stores: Stores, steps: readonly Step[]): Promise<void> {
  await appendUpdates(
    tx,
    steps.map(({ change: { row, link }, origin, update, target, revision }) => ({
      id: row.id,
      seq: next(link.head),
      payload: update,
      origin,
      client: origin === 'seed' ? seedClient(update) : null,
      version: next(link.version),
      fingerprint: target.fingerprint,
      legacyRevision: revision,
    })),
  );
  await writeStates(
    tx,
    stores,
    steps.map(({ change, state }) => ({ id: change.row.id, state })),
  );
  await moveHeads(
    tx,
    steps.map(({ change: { row, link, cohort }, state, lineage, target, revision, met }) => ({
      id: row.id,
      cohort,
      owner: row.owner,
      fingerprint: target.fingerprint,
      legacyRevision: revision,
      version: next(link.version),
      head: next(link.head),
      headHash: hashOf(state),
      lineage,
      merged: met !== null && met.kind !== 'saved',
      rowFingerprint: met?.rowFingerprint ?? null,
    })),
  );
  await writeCaptureReceipts(tx, steps.filter(({ origin }) => origin === 'capture').map(receiptOf));
  await release(tx, heldIds(steps.map(({ change }) => change)));
}

/** That a write came past the library, and how certain its base was. */
const receiptOf = ({ change: { link, cohort }, revision, met }: Step): CaptureReceipt => ({
  document: link.id,
  cohort,
  outcome: met?.kind ?? 'saved',
  revision,
  version: next(link.version),
  base: met?.base.version ?? link.version,
  baseKnown: met?.base.known ?? 'linked',
  seq: next(link.head),
  class: met?.class ?? 'clean',
  conflict: met?.conflict ?? null,
});

const next = (number: string): string => String(BigInt(number) + 1n);

const heldIds = (changes: readonly Change[]): readonly string[] =>
  changes.filter(({ held }) => held !== null).map(({ row }) => row.id);

function seedClient(update: Uint8Array): string | null {
  const [client] = clientIdsIn(update);
  return client === undefined ? null : String(client);
}

async function refuse(tx: Queryable, refused: readonly Refused[]): Promise<void> {
  await quarantine(
    tx,
    refused.map(({ change: { row, cohort }, refusal }) => ({
      id: row.id,
      cohort,
      ...refusal,
      legacyXmin: row.xmin,
    })),
  );
  // Looked at again, the same pair is not kept again.
  const news = refused.filter(
    ({ change, refusal }) => change.held?.legacyXmin !== change.row.xmin || change.held.code !== refusal.code,
  );
  await keepVersions(
    tx,
    news.flatMap(({ kept }) => kept),
  );
}

function keptRow({ row }: Change, source: KeptVersion['source']): readonly KeptVersion[] {
  const { id, content, revision } = row;
  return content === null ? [] : [{ id, content, legacyRevision: revision, source }];
}

/** What cannot be read as a document stays in its row only. */
function keptState(stores: Stores, { link }: Change, state: Uint8Array): readonly KeptVersion[] {
  try {
    const content = writeLegacy(decodeState(state, stores.shape));
    return [{ id: link.id, content, legacyRevision: null, source: 'conflict' }];
  } catch {
    return [];
  }
}
