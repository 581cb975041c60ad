import * as Y from 'yjs';
import { structsIn } from './held.ts';
import { covers, type Ranges, rangesOf } from './ranges.ts';
import {
  type Changed,
  deletedTexts,
  isNew,
  isUndo,
  newTexts,
  type Sides,
  shownInBlock,
  textOf,
} from './sides.ts';

export const LETTER = /[\p{L}\p{M}\p{N}\p{Cs}]/u;

/**
 * Did the update bring two words together that nobody wrote as one? One side replaces a word, the other deletes it with the
 * space behind it: what was written then stands against the next word, and whoever merges it later takes both for one.
 * Without the replica it may say so of a word that the device itself put together; with it, it is sure.
 */
export function gluesWords(sides: Sides): boolean {
  return glued(sides).some(([left, right]) => !stoodTogether(sides, left, right));
}

/** What was there before and is one word now with what the update writes, or with what it brought it to. */
export function gluedBy(sides: Changed): Ranges {
  const units = glued(sides).flatMap(([left, right]) => [
    ...(isNew(sides, left) ? [] : [{ ...left.lastId, length: 1 }]),
    ...(isNew(sides, right) ? [] : [{ ...right.id, length: 1 }]),
  ]);
  return rangesOf(units);
}

function glued(sides: Changed): readonly Boundary[] {
  return boundaries(sides).filter(
    ([left, right]) =>
      runOn(left, right) &&
      !wereNeighbours(left, right) &&
      !wasClearedByDevice(sides, left, right) &&
      !(isNew(sides, left) && isUndo(sides, left)),
  );
}

type Boundary = readonly [left: Y.Item, right: Y.Item];

/** Where what stands beside each other may be another than before the update. */
function boundaries(sides: Changed): readonly Boundary[] {
  const found: (readonly [Y.Item | null, Y.Item | null])[] = [];
  for (const item of newTexts(sides)) {
    // Yjs joins what is typed on to the item before it.
    if (isNew(sides, item)) found.push([shownInBlock(item, 'left'), item]);
    found.push([item, shownInBlock(item, 'right')]);
  }
  for (const gone of deletedTexts(sides))
    found.push([shownInBlock(gone, 'left'), shownInBlock(gone, 'right')]);
  return found.filter((boundary): boundary is Boundary => boundary.every((item) => item !== null));
}

/** Does the second text go on with the first one's last word? */
export function runOn(first: Y.Item | null, second: Y.Item | null): boolean {
  const [before, after] = [first, second].map((item) => (item === null ? '' : (textOf(item) ?? '')));
  return LETTER.test(before?.at(-1) ?? '') && LETTER.test(after?.at(0) ?? '');
}

/** Whoever wrote the one put it right beside the other. */
function wereNeighbours(left: Y.Item, right: Y.Item): boolean {
  return Y.compareIDs(right.origin, left.lastId) || Y.compareIDs(left.rightOrigin, right.id);
}

/**
 * Did only the device's own doing clear away what stood between them, as when it corrects itself? Else somebody deleted there, or
 * wrote there, what it had not seen.
 */
function wasClearedByDevice({ deletions, held }: Changed, left: Y.Item, right: Y.Item): boolean {
  let last: Y.Item | null = null;
  for (let at = left.right; at !== right; at = at.right) {
    // They stand in two texts.
    if (at === null) return false;
    if (!at.countable) continue;
    const isFirst = last === null;
    last = at;
    if (isFirst && !Y.compareIDs(at.origin, left.lastId) && !isIn(held, left)) return false;
    if (!isIn(held, at) && !covers(deletions, at.id.client, at.id.clock, at.length)) return false;
  }
  return last !== null && (isIn(held, right) || followsOn(last, right));
}

/** Written by a client of the update. */
const isIn = (held: ReadonlyMap<number, number>, { id }: Y.Item): boolean => held.has(id.client);

/** One went on from the other when they were typed: nobody put it there later. */
const followsOn = (one: Y.Item, next: Y.Item): boolean =>
  one.id.client === next.id.client && one.id.clock + one.length === next.id.clock;

/** Did the device show them as one word when it had made the update? */
function stoodTogether({ wasMade }: Sides, left: Y.Item, right: Y.Item): boolean {
  const device = wasMade();
  if (device === undefined) return false;
  const { client, clock } = left.lastId;
  for (const struct of structsIn(device, client, clock, clock + 1)) {
    if (struct.deleted || !(struct instanceof Y.Item)) return false;
    if (clock < struct.lastId.clock) return Y.compareIDs(right.id, Y.createID(client, clock + 1));
    const next = shownInBlock(struct, 'right');
    return next !== null && Y.compareIDs(next.id, right.id);
  }
  return false;
}
