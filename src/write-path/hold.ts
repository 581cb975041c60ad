import { readSides, type Sides } from '../documents/sides.ts';
import type { Stores } from '../documents/stores.ts';
import { UnconvertibleError } from '../errors.ts';
import { readLegacy } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { RecentStates } from './recent-states.ts';
import { takeInOrHold } from './take-in-or-hold.ts';

/** A seeded document outside quarantine, everything of it held and level: head, link and row hold one content. */
export interface LevelDocument extends Sides {
  readonly row: NonNullable<Sides['row']>;
  readonly link: NonNullable<Sides['link']>;
  readonly stage: NonNullable<Sides['stage']>;
  readonly state: Uint8Array;
}

/** Is it seeded, alive and outside quarantine? Asked after `holdDocument`, which leaves such a document level. */
export function isSeeded(sides: Sides): sides is LevelDocument {
  const { row, link, state, stage, held } = sides;
  return (
    row !== null &&
    link !== null &&
    link.deletedAt === null &&
    state !== null &&
    stage !== null &&
    held === null
  );
}

/**
 * Locks both sides of a document until the transaction ends and takes in what another program wrote to its row. The row as
 * locked is the truth; without this a push would mirror over it. Seeds a document of a started cohort that has no seed.
 */
export async function holdDocument(
  tx: Queryable,
  stores: Stores,
  id: string,
  recent?: RecentStates,
): Promise<Sides> {
  const read = async () => {
    const sides = await readSides(tx, stores, id, { lock: true, content: 'changed', known: recent?.get(id) });
    const { state, stateHash } = sides;
    if (state !== null && stateHash !== null) recent?.set(id, { state, hash: stateHash });
    return sides;
  };
  const found = await read();
  if (isLevel(stores, found)) return found;
  await takeInOrHold(tx, stores, found, found.row?.xmin ?? null);
  return read();
}

/** Is there nothing to take in, no cohort to change, nothing to seed or to hold? */
function isLevel(stores: Stores, sides: Sides): boolean {
  const { stateHash } = sides;
  if (!isSeeded(sides) || stateHash === null || Buffer.compare(stateHash, sides.link.headHash) !== 0)
    return false;
  const { row, link } = sides;
  const placed = (row.cohort === null || row.cohort === link.cohort) && row.owner === link.owner;
  if (!placed) return false;
  if (link.rowFingerprint === null && row.revision !== link.legacyRevision) return false;
  return row.xmin === link.rowXmin || holdsLinked(stores, sides);
}

/** The row was written since, or was never read: does it hold what it was linked to? */
function holdsLinked(stores: Stores, { row, link }: Sides): boolean {
  if (row?.content == null || link === null) return false;
  try {
    const { fingerprint } = readLegacy(stores.shape.format, row.content);
    return Buffer.compare(fingerprint, link.rowFingerprint ?? link.fingerprint) === 0;
  } catch (error) {
    if (error instanceof UnconvertibleError) return false;
    throw error;
  }
}
