import { isDeepStrictEqual } from 'node:util';
import * as Y from 'yjs';
import { covers, type Ranges } from './ranges.ts';

/** `reused-id`: other content stands under an id; `collected-id`: only that it was deleted is known of it. */
export type HeldConflict = 'reused-id' | 'collected-id';

/**
 * Holds the structs of an update that a document has already against what it has: Yjs would drop them unseen, and with
 * them what a device wrote that was restored from a backup and counts its clocks a second time.
 * @param deletions what the update deletes
 */
export function conflictWithHeld(doc: Y.Doc, update: Uint8Array, deletions: Ranges): HeldConflict | null {
  for (const struct of Y.decodeUpdate(update).structs) {
    const { client, clock } = struct.id;
    const end = Math.min(clock + struct.length, Y.getState(doc.store, client));
    if (struct instanceof Y.Skip || clock >= end) continue;
    for (const held of structsIn(doc, client, clock, end)) {
      const from = Math.max(clock, held.id.clock);
      const to = Math.min(end, held.id.clock + held.length);
      if (isBare(struct)) continue;
      if (isBare(held)) {
        if (!covers(deletions, client, from, to - from)) return 'collected-id';
      } else if (!isSame(struct as Y.Item, held as Y.Item, from, to)) return 'reused-id';
    }
  }
  return null;
}

/** The structs of a document that hold these clocks of a client, the first and last perhaps in part. */
export function* structsIn(
  doc: Y.Doc,
  client: number,
  from: number,
  to: number,
): Generator<Y.Item | Y.GC, void, undefined> {
  const structs = doc.store.clients.get(client);
  if (structs === undefined || from >= to || from >= Y.getState(doc.store, client)) return;
  for (let index = Y.findIndexSS(structs, from); index < structs.length; index++) {
    const struct = structs[index];
    if (struct === undefined || struct.id.clock >= to) return;
    yield struct;
  }
}

/** Of which no more is known than that it was deleted. */
export function isBare(struct: unknown): boolean {
  return !(struct instanceof Y.Item) || struct.content instanceof Y.ContentDeleted;
}

function isSame(sent: Y.Item, held: Y.Item, from: number, to: number): boolean {
  return (
    Y.compareIDs(originAt(sent, from), originAt(held, from)) &&
    Y.compareIDs(sent.rightOrigin, held.rightOrigin) &&
    hasSameParent(sent, held, from) &&
    isSameContent(sent, held, from, to)
  );
}

/** A part of an item stands behind the unit before it. */
function originAt(item: Y.Item, clock: number): Y.ID | null {
  return clock > item.id.clock ? Y.createID(item.id.client, clock - 1) : item.origin;
}

/** An update names the parent only where an item has no neighbour. */
function hasSameParent(sent: Y.Item, held: Y.Item, from: number): boolean {
  const named: unknown = sent.parent;
  if (named === null || from > sent.id.clock || !(held.parent instanceof Y.AbstractType)) return true;
  if (sent.parentSub !== held.parentSub) return false;
  const parent = held.parent._item;
  if (named instanceof Y.ID) return parent !== null && Y.compareIDs(named, parent.id);
  return parent === null && Y.findRootTypeKey(held.parent) === named;
}

function isSameContent(sent: Y.Item, held: Y.Item, from: number, to: number): boolean {
  const a = partOf(sent, from, to);
  const b = partOf(held, from, to);
  return typeof a === 'string' && typeof b === 'string' ? isSameText(a, b) : isDeepStrictEqual(a, b);
}

/** What an item holds under these clocks, so that two can be compared: each kind in a form of its own. */
function partOf({ id, content }: Y.Item, from: number, to: number): unknown {
  const start = from - id.clock;
  const end = to - id.clock;
  if (content instanceof Y.ContentString) return content.str.slice(start, end);
  if (content instanceof Y.ContentAny) return ['any', content.arr.slice(start, end)];
  if (content instanceof Y.ContentJSON) return ['json', content.arr.slice(start, end)];
  if (content instanceof Y.ContentFormat) return ['format', content.key, content.value];
  if (content instanceof Y.ContentEmbed) return ['embed', content.embed];
  if (content instanceof Y.ContentBinary) return ['binary', Buffer.from(content.content)];
  if (content instanceof Y.ContentDoc) return ['doc', content.doc.guid];
  if (!(content instanceof Y.ContentType)) return ['other'];
  const { type } = content;
  return ['type', type.constructor.name, type instanceof Y.XmlElement ? type.nodeName : ''];
}

/** Yjs writes U+FFFD for both halves of a pair that somebody inserted between. */
function isSameText(a: string, b: string): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (x !== y && !(isHalf(x) && y === 0xfffd) && !(isHalf(y) && x === 0xfffd)) return false;
  }
  return true;
}

function isHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
