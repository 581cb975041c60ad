import * as Y from 'yjs';
import { ByteWriter } from '../byte-writer.ts';
import { writesAny } from './doubts.ts';
import { deletionsOf } from './held-updates.ts';
import { writeDeletions } from './own-deletions.ts';
import { type OwnedRange, type Ranges, rangesOf } from './ranges.ts';

/**
 * Of an update whose insertions a document holds in part, because another tab of its device sent those: what it holds, and what
 * those that brought it deleted as well.
 * @param sent what came from its device
 * @returns none where the document holds none of its insertions, else one update
 */
export function heldPart(
  update: Uint8Array,
  state: Uint8Array,
  sent: readonly Uint8Array[],
): readonly Uint8Array[] {
  const reached = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(state));
  const reach = (client: number) => reached.get(client) ?? 0;
  const held = new Map<number, Written[]>();
  for (const struct of Y.decodeUpdate(update).structs) {
    const { client, clock } = struct.id;
    const parts = held.get(client) ?? [];
    const end = parts.at(-1)?.end ?? clock;
    const part =
      struct instanceof Y.Item && clock === end ? beginningOf(struct, reach(client) - clock) : null;
    // After a gap nothing more of a client is taken: an update has one list of each.
    if (part !== null) held.set(client, [...parts, part]);
  }
  return held.size === 0 ? [] : [written(held, deletedAsIn(carriersOf(held, sent), update))];
}

interface Written {
  readonly clock: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** An item as Yjs encodes it, or what of it lies before a clock: of a text its beginning, of anything else all or nothing. */
function beginningOf(item: Y.Item, length: number): Written | null {
  if (length <= 0) return null;
  const { content } = item;
  const encoder = new Y.UpdateEncoderV1();
  if (length < item.length) {
    if (!(content instanceof Y.ContentString)) return null;
    // Not by `splice`, which would change both halves of a pair.
    content.str = content.str.slice(0, length);
  }
  item.write(encoder, 0);
  const { clock } = item.id;
  return { clock, end: clock + Math.min(length, item.length), bytes: encoder.toUint8Array() };
}

function written(held: ReadonlyMap<number, readonly Written[]>, deletions: Ranges): Uint8Array {
  const writer = new ByteWriter(1_000);
  writer.varUint(held.size);
  for (const [client, parts] of held) {
    writer.varUint(parts.length);
    writer.varUint(client);
    writer.varUint(parts[0]?.clock ?? 0);
    for (const { bytes } of parts) writer.raw(bytes);
  }
  writeDeletions(writer, deletions);
  return writer.written();
}

function carriersOf(
  held: ReadonlyMap<number, readonly Written[]>,
  sent: readonly Uint8Array[],
): readonly Uint8Array[] {
  const units = rangesOf(
    [...held].flatMap(([client, parts]) =>
      parts.map(({ clock, end }) => ({ client, clock, length: end - clock })),
    ),
  );
  return sent.filter((each) => writesAny(each, units));
}

/** What an update deletes and one of these does as well. */
function deletedAsIn(carriers: readonly Uint8Array[], update: Uint8Array): Ranges {
  const theirs = deletionsOf(...carriers);
  const found: OwnedRange[] = [];
  for (const [client, ranges] of deletionsOf(update)) {
    for (const { clock, length } of ranges) {
      for (const other of theirs.get(client) ?? []) {
        const from = Math.max(clock, other.clock);
        const to = Math.min(clock + length, other.clock + other.length);
        if (from < to) found.push({ client, clock: from, length: to - from });
      }
    }
  }
  return rangesOf(found);
}
