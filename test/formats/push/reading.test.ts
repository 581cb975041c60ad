import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  type Content,
  decodeState,
  encodeSeed,
  integrateUpdate,
  readLegacy,
} from '../../../src/formats/index.ts';
import type { JsonObject } from '../../../src/formats/json.ts';
import { changeProsemirror } from '../../../src/formats/tree-change.ts';
import { alike, IDENTITY, PATIENT, prosemirror } from '../arbitraries.ts';

const SHAPE = { format: 'prosemirror', fragment: 'default' } as const;

/** A device makes each of these of the one before and pushes it into a document that stays open. */
function pushAll(first: Content, targets: readonly Content[]): void {
  let state = encodeSeed(first, SHAPE, IDENTITY);
  const device = new Y.Doc({ gc: false });
  Y.applyUpdate(device, state);
  const made: Uint8Array[] = [];
  device.on('update', (update: Uint8Array) => made.push(update));
  for (const target of targets) {
    device.transact(() => changeProsemirror(device, target.value as JsonObject, SHAPE.fragment));
    if (made.length === 0) continue;
    const update = Y.mergeUpdates(made.splice(0));
    const found = integrateUpdate(state, update, SHAPE, undefined, 'changed');
    if (found.kind !== 'applied') throw new Error(`it was ${found.kind}`);
    // Not always what the device shows: Yjs leaves out marks that it takes for needless where it applies an update.
    const { canonical, value, fingerprint } = decodeState(found.state(), SHAPE);
    expect(found.content).toMatchObject({ canonical, value, fingerprint });
    found.prove();
    state = found.state();
  }
}

describe('a document that stays open, of which only what changed is read', PATIENT, () => {
  it('has its content to the letter, whatever is pushed into it', () => {
    fc.assert(fc.property(alike, fc.array(alike, { minLength: 2, maxLength: 8 }), pushAll));
    const any = prosemirror.map((raw) => readLegacy('prosemirror', JSON.stringify(raw)));
    fc.assert(fc.property(any, fc.array(any, { minLength: 2, maxLength: 4 }), pushAll));
  });
});
