import { pagesOf } from '../core/chunks.ts';
import { countUnmirrored, UndecodableError } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { typeSql } from './legacy-sql.ts';
import { readStates } from './local-first.ts';
import type { Stores } from './stores.ts';
import { canBeId } from './supported-types.ts';

/** A document whose local-first side holds what its legacy row has no place for: a legacy editor does not show it. */
export interface UnmirroredDocument {
  readonly document: string;
  readonly constructs: number;
}

/** Read and opened at a time. */
const PART = { documents: 200, bytes: 2 * 1024 * 1024 };

/** Which of these documents hold such constructs, by id. A state that cannot be read is for `verify` to name. */
export async function findUnmirrored(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
): Promise<readonly UnmirroredDocument[]> {
  const found: UnmirroredDocument[] = [];
  for (const part of pagesOf(await readStateSizes(db, stores, ids), PART)) {
    for (const { id, state } of await readStates(db, stores, part)) {
      const constructs = countReadable(state, stores);
      if (constructs > 0) found.push({ document: id, constructs });
    }
  }
  return found;
}

function countReadable(state: Uint8Array, { shape }: Stores): number {
  try {
    return countUnmirrored(state, shape);
  } catch (error) {
    if (error instanceof UndecodableError) return 0;
    throw error;
  }
}

async function readStateSizes(
  db: Queryable,
  { localFirst }: Stores,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly bytes: number }[]> {
  const { quoted, id, state } = localFirst;
  const { rows } = await db.query<{ id: string; bytes: number }>(
    `select ${id.quoted}::text as id, octet_length(${state.quoted}) as bytes from ${quoted}
      where ${id.quoted} = any($1::text[]::${typeSql(id)}[]) order by ${quoted}.${id.quoted}`,
    [ids.filter((candidate) => canBeId(id, candidate))],
  );
  return rows;
}
