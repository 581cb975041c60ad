import { createdByApplication } from '../documents/captures.ts';
import { underOwnMark } from '../documents/legacy-write.ts';
import { NEVER_EQUAL } from '../documents/links.ts';
import { insertStates, readStates } from '../documents/local-first.ts';
import { notePairs, noteRuns, noteSeededPairs } from '../documents/pairs.ts';
import type { Stores } from '../documents/stores.ts';
import { type Content, decodeState, runsIn } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { NewSeed, Refusal } from './seed.ts';

const NO_STATE: Uint8Array = new Uint8Array(0);

/**
 * Puts states in place where the application writes both stores by itself. Only a document without a local-first row is
 * seeded. One that has a row is linked as it is, equal or not: comparing says what it is worth. So is one whose legacy row
 * was created since its cohort started: its local-first row is the application's to write, and a seed of ours would
 * meet it.
 */
export async function adoptStates(
  tx: Queryable,
  stores: Stores,
  fresh: readonly NewSeed[],
  refused: Map<string, Refusal>,
): Promise<readonly NewSeed[]> {
  const ids = fresh.map(({ row }) => row.id);
  const found = new Map((await readStates(tx, stores, ids, { lock: true })).map((row) => [row.id, row]));
  const created = await createdByApplication(tx, stores.config.settleMs, fresh);
  const theirs = fresh.filter(({ row }) => found.has(row.id) || created.has(row.id));
  const missing = fresh.filter(({ row }) => !found.has(row.id) && !created.has(row.id));
  const seeded = await seedMissing(tx, stores, missing, refused);
  await notePairs(
    tx,
    theirs.map(({ row }) => ({
      id: row.id,
      legacyXmin: row.xmin,
      localXmin: found.get(row.id)?.xmin ?? null,
      written: true,
    })),
  );
  const adopted = theirs.map((one) => {
    const state = found.get(one.row.id)?.state ?? NO_STATE;
    return { one, state, equal: !created.has(one.row.id) && holds(stores, state, one.seed.content) };
  });
  await noteRuns(
    tx,
    adopted.flatMap(({ one, equal }) => (equal ? [{ id: one.row.id, runs: runsIn(one.seed.content) }] : [])),
  );
  return [
    ...seeded,
    ...adopted.map(({ one, state, equal }): NewSeed => {
      const fingerprint = equal ? one.seed.content.fingerprint : NEVER_EQUAL;
      return { ...one, state, foreign: { fingerprint } };
    }),
  ];
}

async function seedMissing(
  tx: Queryable,
  stores: Stores,
  missing: readonly NewSeed[],
  refused: Map<string, Refusal>,
): Promise<readonly NewSeed[]> {
  const { unfillable } = stores.localFirst;
  if (unfillable !== null) {
    for (const { row } of missing) refused.set(row.id, notInsertable(unfillable.name));
    return [];
  }
  const inserted = await underOwnMark(tx, () =>
    insertStates(
      tx,
      stores,
      missing.map(({ row, state }) => ({ id: row.id, state })),
    ),
  );
  const seeded = missing.filter(({ row }) => inserted.has(row.id));
  await noteSeededPairs(
    tx,
    seeded.map(({ row }) => ({ id: row.id, legacyXmin: row.xmin })),
  );
  await noteRuns(
    tx,
    seeded.map(({ row, seed }) => ({ id: row.id, runs: runsIn(seed.content) })),
  );
  // The application inserted its own at this moment: the next look finds and links it.
  return seeded;
}

const notInsertable = (column: string): Refusal => ({
  code: 'not-insertable',
  reason: `The local-first table wants a value for ${column}, which only the application can give, so dualpath cannot insert its state.`,
});

function holds(stores: Stores, state: Uint8Array, content: Content): boolean {
  try {
    return decodeState(state, stores.shape).fingerprint.equals(content.fingerprint);
  } catch {
    return false;
  }
}
