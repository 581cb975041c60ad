import {
  CONFLICT_SIDES,
  type ConflictRecord,
  type ConflictSide,
  readVersions,
  versionsOfSides,
} from '../documents/conflict-records.ts';
import type { Stores } from '../documents/stores.ts';
import { type Content, readLegacy } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** The contents of a conflict; null where there was none. */
export async function readConflictSides(
  db: Queryable,
  { shape }: Stores,
  conflict: ConflictRecord,
): Promise<Readonly<Record<ConflictSide, Content | null>>> {
  const versions = versionsOfSides(conflict);
  const contents = await readVersions(db, Object.values(versions));
  const read = (side: ConflictSide): readonly [ConflictSide, Content | null] => {
    const raw = contents.get(versions[side] ?? '');
    return [side, raw === undefined ? null : readLegacy(shape.format, raw)];
  };
  return Object.fromEntries(CONFLICT_SIDES.map(read)) as Record<ConflictSide, Content | null>;
}
