import type * as Y from 'yjs';
import type { StateShape } from '../client-id.ts';
import type { Content } from '../content.ts';
import type { Inspected } from './inspect-update.ts';
import { covers } from './ranges.ts';

/** What is noted while an update is applied. */
export interface MergeNotes {
  /** Something was deleted that the update does not delete: it lay in what is deleted. */
  hidden: boolean;
}

export interface Suspect {
  readonly inspected: Inspected;
  readonly held: ReadonlyMap<number, number>;
  readonly before: MergeNotes;
  readonly content: Content;
  readonly replica: (() => Uint8Array | undefined) | undefined;
}

export function watchMerge(doc: Y.Doc, { deletions }: Inspected): MergeNotes {
  const notes: MergeNotes = { hidden: false };
  doc.once('beforeObserverCalls', (transaction: Y.Transaction) => {
    for (const [client, ranges] of transaction.deleteSet.clients) {
      for (const { clock, len } of ranges) if (!covers(deletions, client, clock, len)) notes.hidden = true;
    }
  });
  return notes;
}

export function looksSuspicious(_doc: Y.Doc, _shape: StateShape, { before }: Suspect): boolean {
  return before.hidden;
}
