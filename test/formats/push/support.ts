import * as Y from 'yjs';
import { encodeSeed, readLegacy, type StateShape } from '../../../src/formats/index.ts';
import { IDENTITY } from '../arbitraries.ts';

export const SHAPE = { format: 'prosemirror', fragment: 'default' } as const;
export const TEXT = { format: 'text', fragment: 'default' } as const;

/** The state of a document just seeded. */
export function seedOf(raw: string, shape: StateShape): Uint8Array {
  return encodeSeed(readLegacy(shape.format, raw), shape, IDENTITY);
}

/** A device's replica of a state. */
export function deviceOf(state: Uint8Array, options: { client?: number; gc?: boolean } = {}): Y.Doc {
  const doc = new Y.Doc({ guid: 'test', gc: options.gc ?? false });
  if (options.client !== undefined) doc.clientID = options.client;
  Y.applyUpdate(doc, state);
  return doc;
}

/** The updates that a device sends for what it does, one a transaction. */
export function updatesOf(doc: Y.Doc, work: () => void): readonly Uint8Array[] {
  const updates: Uint8Array[] = [];
  const note = (update: Uint8Array) => updates.push(update);
  doc.on('update', note);
  work();
  doc.off('update', note);
  return updates;
}

/** The one update that a device sends for what it does. */
export function updateOf(doc: Y.Doc, work: () => void): Uint8Array {
  return Y.mergeUpdates([...updatesOf(doc, work)]);
}

/** The parameters of a random test: `DUALPATH_SEED` replays one, `DUALPATH_RUNS` makes it longer. */
export function replay(numRuns: number): { numRuns: number; seed?: number } {
  const { DUALPATH_SEED: seed, DUALPATH_RUNS: runs = numRuns } = process.env;
  return { numRuns: Number(runs), ...(seed === undefined ? {} : { seed: Number(seed) }) };
}
