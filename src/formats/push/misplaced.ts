import * as Y from 'yjs';
import type { Misplaced } from '../belongs.ts';
import { misplacedItem, WRONG_CONTENT } from '../belongs.ts';
import type { StateShape } from '../client-id.ts';
import { isBare, structsIn } from './held.ts';
import type { Inspected } from './inspect-update.ts';
import type { Struct } from './read-update.ts';

/**
 * The first thing that an update put where no document of the format can have it, deleted things included: a root has
 * no kind in an update, so a Y.Map may be written where text belongs, and the decoder would read past it.
 * @param held how far each client of the update was held before
 */
export function misplacedContent(
  doc: Y.Doc,
  { structs }: Inspected,
  held: ReadonlyMap<number, number>,
  shape: StateShape,
): Misplaced | null {
  if (structs.some((struct) => liesInNoType(doc, struct))) return WRONG_CONTENT;
  for (const [client, from] of held) {
    for (const struct of structsIn(doc, client, from, Number.POSITIVE_INFINITY)) {
      const misplaced = struct instanceof Y.Item ? misplacedItem(struct, shape) : null;
      if (misplaced !== null) return misplaced;
    }
  }
  return null;
}

/** Yjs takes it for collected then, and destroys it unseen. */
function liesInNoType(doc: Y.Doc, struct: Struct): boolean {
  if (struct.kind !== 'item' || struct.parent === null || typeof struct.parent === 'string') return false;
  const { client, clock } = struct.parent;
  for (const parent of structsIn(doc, client, clock, clock + 1)) {
    return !isBare(parent) && !(parent instanceof Y.Item && parent.content instanceof Y.ContentType);
  }
  return false;
}
