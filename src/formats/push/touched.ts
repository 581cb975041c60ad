import * as Y from 'yjs';
import { structsIn } from './held.ts';
import type { OwnedRange, Ranges } from './ranges.ts';

/** Clocks of one struct that an update deletes. */
interface Touched extends OwnedRange {
  readonly struct: Y.Item | Y.GC;
}

/** What an update deletes of a document, struct by struct. */
export function* touchedBy(doc: Y.Doc, deletions: Ranges): Generator<Touched, void, undefined> {
  for (const [client, ranges] of deletions) {
    for (const { clock, length } of ranges) {
      for (const struct of structsIn(doc, client, clock, clock + length)) {
        const from = Math.max(clock, struct.id.clock);
        const to = Math.min(clock + length, struct.id.clock + struct.length);
        yield { client, clock: from, length: to - from, struct };
      }
    }
  }
}

/** Text and nodes: values of keys come and go by themselves; formats follow their text. */
export function holdsContent(struct: Y.Item | Y.GC): struct is Y.Item {
  return struct instanceof Y.Item && struct.countable && struct.parentSub === null;
}
