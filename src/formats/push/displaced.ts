import * as Y from 'yjs';
import { LETTER, runOn } from './glued.ts';
import { structsIn } from './held.ts';
import { includes } from './ranges.ts';
import { deletedTexts, isNew, isUndo, newTexts, type Sides, shown, textOf } from './sides.ts';

/** Shorter pieces of text stand everywhere and say nothing of a copy. */
const MIN_COPY = 2;

/**
 * Did the device type into text that was deleted meanwhile, in a block that still stands? After a split the text stands
 * in the new block, and what was typed into it is left at the end of the old one.
 */
export function isDisplaced(sides: Sides): boolean {
  for (const item of newTexts(sides)) {
    // Yjs never puts text before something deleted: what stands right of it was there when it was typed.
    if (!isUndo(sides, item) && wasDeletedMeanwhile(sides, item.rightOrigin)) return true;
    // Left of it there may be what its author had deleted before, so that alone says nothing.
    if (isNew(sides, item) && isBehindDeleted(sides, item)) return true;
  }
  return false;
}

/** Without the replica, copied text is told by where it stands now. */
function isBehindDeleted(sides: Sides, item: Y.Item): boolean {
  if (wasDeletedMeanwhile(sides, item.origin))
    return sides.wasSeen() !== undefined || standsBehindCopied(sides, item);
  return isDeleted(sides.doc, item.origin) && wasShownMeanwhileGone(sides, item);
}

/** Where the author had deleted what is left of it: was the text before that deleted meanwhile? */
function wasShownMeanwhileGone(sides: Sides, item: Y.Item): boolean {
  const replica = sides.wasSeen();
  if (replica === undefined) return false;
  for (let at = item.left; at !== null; at = at.left) {
    const shown = textOf(at) === undefined || isNew(sides, at) ? undefined : lastShownOf(replica, at);
    if (shown !== undefined) return at.deleted && !includes(sides.deletions, shown);
  }
  return false;
}

/** The last unit of a text that a replica shows; what is deleted by now may be one item with what was deleted before. */
function lastShownOf(replica: Y.Doc, { id: { client, clock }, length }: Y.Item): Y.ID | undefined {
  const shown = [...structsIn(replica, client, clock, clock + length)].findLast((struct) => !struct.deleted);
  return shown && Y.createID(client, Math.min(clock + length, shown.id.clock + shown.length) - 1);
}

/**
 * Did both sides insert at one place inside a word? Editors that compare texts letter by letter take "the " typed before
 * "then" for " the" typed inside it; put one behind the other, two such words fall apart or run together.
 */
export function splitsAWord(sides: Sides): boolean {
  return newTexts(sides).some((item) => {
    const { left, right } = item;
    const afterUnseen = isNew(sides, item) && isUnseenAt(sides, left, left?.lastId ?? null, item.origin);
    const beforeUnseen = isUnseenAt(sides, right, right?.id ?? null, item.rightOrigin);
    if (runsIntoUnseen(item)) return true;
    if (!afterUnseen && !beforeUnseen) return false;
    return (
      isInWord(sides.doc, item) || (afterUnseen && runOn(left, item)) || (beforeUnseen && runOn(item, right))
    );
  });
}

/** Typed at the very end, or start, of a text and now one word with what came beside it: deleted text may lie between. */
function runsIntoUnseen(item: Y.Item): boolean {
  if (item.rightOrigin === null && runOn(item, shown(item, 'right'))) return true;
  return item.origin === null && runOn(shown(item, 'left'), item);
}

/** A neighbour in the list that is none of those that the item was put between came from somebody else meanwhile. */
function isUnseenAt(sides: Sides, beside: Y.Item | null, id: Y.ID | null, named: Y.ID | null): boolean {
  if (beside === null || beside.deleted || textOf(beside) === undefined) return false;
  return !isNew(sides, beside) && !Y.compareIDs(id, named);
}

function isInWord(doc: Y.Doc, { origin, rightOrigin }: Y.Item): boolean {
  return [origin, rightOrigin].every((id) => id !== null && LETTER.test(unitAt(doc, id)));
}

function unitAt(doc: Y.Doc, { client, clock }: Y.ID): string {
  for (const struct of structsIn(doc, client, clock, clock + 1)) {
    if (struct instanceof Y.Item) return textOf(struct)?.charAt(clock - struct.id.clock) ?? '';
  }
  return '';
}

/**
 * The same from the other side: did the update copy a text away, or delete on both sides of a place, and leave there what
 * it did not know of?
 */
export function leavesAnIsland(sides: Sides): boolean {
  const inserted = newTexts(sides)
    .map((item) => textOf(item) ?? '')
    .join('\n');
  for (const gone of deletedTexts(sides)) {
    const text = textOf(gone)?.trim() ?? '';
    const isCopied = text.length >= MIN_COPY && inserted.includes(text);
    for (const beside of [shown(gone, 'left'), shown(gone, 'right')]) {
      if (beside === null || isNew(sides, beside)) continue;
      const [left, right] = [isGone(sides, beside.origin), isGone(sides, beside.rightOrigin)];
      const isDoubtful = isCopied || sides.wasSeen() !== undefined ? left || right : left && right;
      if (isDoubtful && isUnknown(sides, beside)) return true;
    }
  }
  return false;
}

function isGone({ deletions }: Sides, id: Y.ID | null): boolean {
  return id !== null && includes(deletions, id);
}

/** Its author had not seen it. */
function isUnknown(sides: Sides, { id }: Y.Item): boolean {
  const replica = sides.wasSeen();
  return replica === undefined || Y.getState(replica.store, id.client) <= id.clock;
}

function wasDeletedMeanwhile(sides: Sides, id: Y.ID | null): boolean {
  if (id === null || includes(sides.deletions, id) || !isDeleted(sides.doc, id)) return false;
  const replica = sides.wasSeen();
  return replica === undefined || !isDeleted(replica, id);
}

function isDeleted(doc: Y.Doc, id: Y.ID | null): boolean {
  if (id === null) return false;
  const { client, clock } = id;
  for (const struct of structsIn(doc, client, clock, clock + 1)) return struct.deleted;
  return false;
}

/** Is one of the deleted texts right before it now the beginning of a text elsewhere? */
function standsBehindCopied({ canonical }: Sides, item: Y.Item): boolean {
  for (let at = item.left; at?.deleted; at = at.left) {
    const text = textOf(at) ?? '';
    if (text.length >= MIN_COPY && canonical.includes(`"text":${JSON.stringify(text).slice(0, -1)}`))
      return true;
  }
  return false;
}
