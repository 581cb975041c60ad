import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { LoggedUpdate } from '../../src/documents/history.ts';
import { applyUpdate, decodeState, heldPart, replicaAt, type StateShape } from '../../src/formats/index.ts';
import { plainText } from '../../src/formats/merge/block-texts.ts';
import { statesOf } from '../../src/write-path/log-states.ts';
import { namedReplica } from '../../src/write-path/named-replica.ts';

const SHAPE: StateShape = { format: 'prosemirror', fragment: 'default' };

/**
 * What two tabs of a tablet and others had written in a scenario with two servers (seed 173), cut down to what it takes: the
 * update is a difference, which lists what others deleted as well, and joins a paragraph with a word that was deleted before.
 */
const recorded = JSON.parse(readFileSync(new URL('recorded-push.json', import.meta.url), 'utf8'));
const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

test('a difference keeps its own deletions where words would run together without them', () => {
  const { device, session, baseSeq } = recorded;
  const history: LoggedUpdate[] = recorded.history.map((each: Record<string, string>) => ({
    ...each,
    epoch: each.session === null ? null : '',
    joined: each.seq,
    payload: bytes(each.payload ?? ''),
  }));
  const update = bytes(recorded.update);
  const head = replicaAt(history.map(({ payload }) => payload));
  const sent = history.filter((each) => each.device === device).map(({ payload }) => payload);
  const already = heldPart(update, head, sent);
  const found = namedReplica({
    input: { id: 'a', deviceId: device, session, seq: recorded.deviceSeq, update, baseSeq },
    shape: SHAPE,
    head,
    history,
    session: { document: 'a', device, epoch: '', session },
    noted: [{ session, pulled: String(baseSeq), earlier: [] }],
    already,
    replicas: statesOf(history, already),
    likely: () => {
      throw new Error('a base that is named is not guessed at');
    },
  });
  const read = (state: Uint8Array) => plainText(decodeState(state, SHAPE)).split('\n');
  if (found === null) throw new Error('the base that was named is none');
  expect(read(found.state)[0]).toBe('A2n25ч H2n32R');
  expect(read(applyUpdate(found.state, found.own)).slice(0, 2)).toEqual(['A2n25ч м2n81w', 'ф2n82D']);
});
