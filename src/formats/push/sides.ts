import * as Y from 'yjs';
import { structsIn } from './held.ts';
import type { Ranges } from './ranges.ts';

/** A document after an update was applied. */
export interface Changed {
  readonly doc: Y.Doc;
  /** What the update deletes. */
  readonly deletions: Ranges;
  /** How far each client of the update was held before. */
  readonly held: ReadonlyMap<number, number>;
}

/** The same, and what is known of both sides. */
export interface Sides extends Changed {
  /** What it holds now, as canonical JSON text. */
  readonly canonical: string;
  /** The device's replica before the update, if it is known. */
  readonly wasSeen: () => Y.Doc | undefined;
  /** The same after the update. */
  readonly wasMade: () => Y.Doc | undefined;
}

type Side = 'left' | 'right';

/** The text beside an item, past what is deleted; null where something else stands. */
export const shown = (item: Y.Item, side: Side): Y.Item | null => textAt(firstShown(item[side], side));

/** The same where a text ends and another follows in its block: two who type into an empty block make one each. */
export function shownInBlock(item: Y.Item, side: Side): Y.Item | null {
  const beside = firstShown(item[side], side);
  if (beside !== null) return textAt(beside);
  let text = item.parent instanceof Y.XmlText ? item.parent._item : null;
  while (text !== null) {
    text = firstShown(text[side], side);
    if (!(text?.content instanceof Y.ContentType) || !(text.content.type instanceof Y.XmlText)) return null;
    const { _start: start } = text.content.type;
    const first = firstShown(side === 'right' ? start : lastOf(start), side);
    if (first !== null) return textAt(first);
  }
  return null;
}

function firstShown(from: Y.Item | null, side: Side): Y.Item | null {
  let at = from;
  while (at?.deleted || at?.content instanceof Y.ContentFormat) at = at[side];
  return at;
}

function lastOf(start: Y.Item | null): Y.Item | null {
  let last = start;
  while (last?.right) last = last.right;
  return last;
}

const textAt = (item: Y.Item | null): Y.Item | null =>
  item !== null && textOf(item) !== undefined ? item : null;

export function isNew({ held }: Changed, { id }: Y.Item): boolean {
  const from = held.get(id.client);
  return from !== undefined && id.clock >= from;
}

export function newTexts({ doc, held }: Changed): readonly Y.Item[] {
  const items: Y.Item[] = [];
  for (const [client, from] of held) {
    for (const struct of structsIn(doc, client, from, Number.POSITIVE_INFINITY)) {
      if (struct instanceof Y.Item && !struct.deleted && textOf(struct) !== undefined) items.push(struct);
    }
  }
  return items;
}

export function* deletedTexts(sides: Changed): Generator<Y.Item, void, undefined> {
  for (const [client, ranges] of sides.deletions) {
    for (const { clock, length } of ranges) {
      for (const struct of structsIn(sides.doc, client, clock, clock + length)) {
        if (struct instanceof Y.Item && textOf(struct) !== undefined && !isNew(sides, struct)) yield struct;
      }
    }
  }
}

export function textOf({ content }: Y.Item): string | undefined {
  return content instanceof Y.ContentString ? content.str : undefined;
}

/** Undo is the exception: it puts a copy of a deleted text right before it. */
export function isUndo({ doc }: Changed, item: Y.Item): boolean {
  if (item.rightOrigin === null) return false;
  const { client, clock } = item.rightOrigin;
  for (const right of structsIn(doc, client, clock, clock + 1)) {
    if (right instanceof Y.Item && right.deleted && textOf(right) === textOf(item)) return true;
  }
  return false;
}
