import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { decodeState, UndecodableError } from '../../../src/formats/index.ts';
import {
  diffSince,
  isLevelWith,
  RejectedUpdateError,
  replicaAt,
  stateVectorOf,
} from '../../../src/formats/push/index.ts';
import { deviceOf, seedOf, TEXT, updatesOf } from './support.ts';

const SEED = seedOf('hello world', TEXT);

function session(): { device: Y.Doc; updates: readonly Uint8Array[] } {
  const device = deviceOf(SEED, { client: 7 });
  const updates = updatesOf(device, () => {
    device.getText('default').insert(11, '!');
    device.getText('default').delete(0, 6);
    device.getText('default').insert(6, '!!');
  });
  return { device, updates: [SEED, ...updates] };
}

describe('the replica of a session', () => {
  it('holds what the updates that it took in make together, and what was deleted too', () => {
    const { device, updates } = session();
    expect(replicaAt(updates)).toEqual(Y.encodeStateAsUpdate(device));
    expect(decodeState(replicaAt(updates.slice(0, 2)), TEXT).value).toBe('hello world!');
    expect(replicaAt([])).toEqual(new Uint8Array([0, 0]));
  });

  it('is unknown where an update is missing', () => {
    const { updates } = session();
    expect(() => replicaAt([SEED, ...updates.slice(3)])).toThrow(UndecodableError);
  });
});

describe('how far a replica had come when it made an update', () => {
  it('is told by its state vector, taken before the update or after it', () => {
    const { device, updates } = session();
    const [before, last] = [replicaAt(updates.slice(0, 3)), updates[3] ?? SEED];
    for (const vector of [stateVectorOf(before), Y.encodeStateVector(device)])
      expect(isLevelWith(before, vector, last)).toBe(true);
    expect(isLevelWith(SEED, Y.encodeStateVector(device), last)).toBe(false);
    expect(isLevelWith(replicaAt(updates), stateVectorOf(before), last)).toBe(false);
    expect(isLevelWith(before, Y.encodeStateVector(new Y.Doc()), last)).toBe(false);
    expect(() => isLevelWith(before, new Uint8Array([255]), last)).toThrow(RejectedUpdateError);
  });
});

describe('a pull', () => {
  it('brings a replica level, from nothing and from what it has', () => {
    const { updates } = session();
    const state = replicaAt(updates);
    for (const known of [[], [SEED], updates.slice(0, 2), updates]) {
      const replica = new Y.Doc({ guid: 'test', gc: false });
      for (const update of known) Y.applyUpdate(replica, update);
      const sent = diffSince(state, Y.encodeStateVector(replica));
      Y.applyUpdate(replica, sent);
      expect(Y.encodeStateAsUpdate(replica)).toEqual(state);
      expect(Y.encodeStateVector(replica)).toEqual(stateVectorOf(state));
    }
    expect(diffSince(state)).toEqual(state);
  });

  it('takes nothing for a state vector that is none', () => {
    for (const bytes of [[], [1], [1, 7], [0, 0], [2, 7, 1]])
      expect(() => diffSince(SEED, new Uint8Array(bytes))).toThrow(RejectedUpdateError);
  });

  it('says when the state is damaged', () => {
    const damaged = SEED.subarray(0, 9);
    expect(() => stateVectorOf(damaged)).toThrow(UndecodableError);
    expect(() => diffSince(damaged, new Uint8Array([0]))).toThrow(UndecodableError);
  });
});
