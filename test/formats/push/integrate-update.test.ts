import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { decodeState } from '../../../src/formats/index.ts';
import { type Integrated, integrateUpdate } from '../../../src/formats/push/index.ts';
import { deviceOf, seedOf, TEXT, updateOf, updatesOf } from './support.ts';

const SEED = seedOf('hello world', TEXT);

function applied(result: Integrated): Extract<Integrated, { kind: 'applied' }> {
  if (result.kind !== 'applied') throw new Error(`${result.kind} ${'code' in result ? result.code : ''}`);
  return result;
}

describe('an update of a device', () => {
  it('is applied: the state decodes to the content', () => {
    const device = deviceOf(SEED, { client: 7 });
    const result = applied(
      integrateUpdate(
        SEED,
        updateOf(device, () => device.getText('default').insert(5, ' there,')),
        TEXT,
      ),
    );
    expect(result.content.value).toBe('hello there, world');
    expect(decodeState(result.state(), TEXT).canonical).toBe(result.content.canonical);
    expect(result.clients).toEqual([7]);
    expect(result.suspicious).toBe(false);
  });

  it('sent again is contained, and so is one that is empty', () => {
    const device = deviceOf(SEED);
    const update = updateOf(device, () => device.getText('default').delete(0, 6));
    const { state, content } = applied(integrateUpdate(SEED, update, TEXT));
    expect(content.value).toBe('world');
    expect(integrateUpdate(state(), update, TEXT).kind).toBe('contained');
    expect(integrateUpdate(SEED, new Uint8Array([0, 0]), TEXT).kind).toBe('contained');
    expect(integrateUpdate(state(), Y.encodeStateAsUpdate(device), TEXT).kind).toBe('contained');
  });

  it('waits for an earlier one that is missing, and is whole when that comes', () => {
    const device = deviceOf(SEED, { client: 7 });
    const [first, second] = updatesOf(device, () => {
      device.getText('default').insert(11, '!');
      device.getText('default').insert(12, '?');
    });
    if (first === undefined || second === undefined) throw new Error('no updates');
    expect(integrateUpdate(SEED, second, TEXT)).toEqual({ kind: 'pending', missing: new Map([[7, 1]]) });
    const { state } = applied(integrateUpdate(SEED, first, TEXT));
    expect(applied(integrateUpdate(state(), second, TEXT)).content.value).toBe('hello world!?');
  });
});
