import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { clientIdOf, encodeChange, readLegacy, type StateShape } from '../../../src/formats/index.ts';
import { clientsOf, type Integrated, integrateUpdate } from '../../../src/formats/push/index.ts';
import { MAX_CLOCK_JUMP } from '../../../src/formats/push/limits.ts';
import { IDENTITY } from '../arbitraries.ts';
import { documentOf, paragraph } from './editing.ts';
import { INFO, type Part, raw, structs, structsOf, textIn, withKey } from './raw-update.ts';
import { deviceOf, SHAPE, seedOf, TEXT, updateOf, updatesOf } from './support.ts';

const SEED = seedOf('hello world', TEXT);
const RICH = seedOf(documentOf(paragraph('hello')), SHAPE);

function fate(result: Integrated): string {
  return result.kind === 'refused' ? result.code : result.kind;
}

function stateAfter(state: Uint8Array, update: Uint8Array, shape: StateShape = TEXT): Uint8Array {
  const result = integrateUpdate(state, update, shape);
  if (result.kind !== 'applied') throw new Error(fate(result));
  return result.state();
}

/** What a device of client 7 sends that typed this. */
function typed(text: string, state = SEED, options: { gc?: boolean } = {}): Uint8Array {
  const device = deviceOf(state, { client: 7, ...options });
  return updateOf(device, () => device.getText('default').insert(0, text));
}

describe('an update under ids that are held already', () => {
  it('with other text, as a device restored from a backup sends it, is refused', () => {
    const state = stateAfter(SEED, typed('one '));
    expect(fate(integrateUpdate(state, typed('two '), TEXT))).toBe('reused-id');
    expect(fate(integrateUpdate(state, typed('one more '), TEXT))).toBe('applied');
    expect(fate(integrateUpdate(state, typed('on'), TEXT))).toBe('contained');
  });

  it('with the same text at another place, or in another block, is refused', () => {
    const device = deviceOf(SEED, { client: 7 });
    const elsewhere = updateOf(device, () => device.getText('default').insert(5, 'one '));
    expect(fate(integrateUpdate(stateAfter(SEED, typed('one ')), elsewhere, TEXT))).toBe('reused-id');
    const into = (clock: number) => structs(7, 0, [INFO.type, 0, seedClient(RICH), clock, 6]);
    const paragraphs = stateAfter(RICH, structs(8, 0, [INFO.type, 1, 'default', 3, 'p']), SHAPE);
    const state = stateAfter(paragraphs, into(0), SHAPE);
    expect(fate(integrateUpdate(state, into(0), SHAPE))).toBe('contained');
    expect(fate(integrateUpdate(state, structs(7, 0, [INFO.type, 0, 8, 0, 6]), SHAPE))).toBe('reused-id');
  });

  it.each<[string, (text: Y.Text) => void, (text: Y.Text) => void]>([
    [
      'another format',
      (text) => text.format(0, 5, { bold: true }),
      (text) => text.format(0, 5, { em: true }),
    ],
    ['another value', (text) => text.format(0, 5, { size: 1 }), (text) => text.format(0, 5, { size: 2 })],
    ['another embed', (text) => text.insertEmbed(0, { a: 1 }), (text) => text.insertEmbed(0, { a: 2 })],
    ['an embed instead of text', (text) => text.insert(0, 'a'), (text) => text.insertEmbed(0, {})],
  ])('with %s is refused', (_, first, second) => {
    const shape = { format: 'quill', fragment: 'default' } as const;
    const seed = seedOf('{"ops":[{"insert":"hello world"}]}', shape);
    const sent = (work: (text: Y.Text) => void) => {
      const device = deviceOf(seed, { client: 7 });
      return updateOf(device, () => work(device.getText('default')));
    };
    expect(fate(integrateUpdate(stateAfter(seed, sent(first), shape), sent(second), shape))).toBe(
      'reused-id',
    );
  });

  it('with another name or attribute of a node is refused', () => {
    const node = (name: string, level: number) =>
      structs(
        7,
        0,
        [INFO.type, 1, 'default', 3, name],
        [withKey(INFO.any), 0, 7, 0, 'level', 1, ...any(level)],
      );
    const state = stateAfter(RICH, node('heading', 1), SHAPE);
    expect(fate(integrateUpdate(state, node('heading', 1), SHAPE))).toBe('contained');
    expect(fate(integrateUpdate(state, node('code_block', 1), SHAPE))).toBe('reused-id');
    expect(fate(integrateUpdate(state, node('heading', 2), SHAPE))).toBe('reused-id');
  });

  it('that others split, deleted in part and typed into since is contained', () => {
    const update = typed('a 😀 b ');
    const other = deviceOf(stateAfter(SEED, update), { client: 8 });
    other.getText('default').insert(3, '|');
    other.getText('default').delete(0, 2);
    expect(fate(integrateUpdate(Y.encodeStateAsUpdate(other), update, TEXT))).toBe('contained');
  });

  it('sent whole by an editor that collects what was deleted is contained', () => {
    const device = deviceOf(SEED, { client: 7, gc: true });
    const updates = updatesOf(device, () => {
      device.getText('default').insert(0, 'one two ');
      device.getText('default').delete(2, 4);
    });
    const state = updates.reduce((before, update) => stateAfter(before, update), SEED);
    expect(fate(integrateUpdate(state, Y.encodeStateAsUpdate(device), TEXT))).toBe('contained');
  });

  it('and with new work behind them is applied: reopened after offline work, an editor sends two sessions', () => {
    const first = typed('one ');
    const reopened = deviceOf(stateAfter(SEED, first), { client: 9 });
    reopened.getText('default').insert(0, 'zero ');
    const both = Y.encodeStateAsUpdate(reopened);
    const result = integrateUpdate(stateAfter(SEED, first), both, TEXT);
    expect(result).toMatchObject({ kind: 'applied', clients: [9], suspicious: false });
    expect(clientsOf(both, SEED)).toEqual([9, 7]);
    expect(clientsOf(both, stateAfter(SEED, first))).toEqual([9]);
  });
});

describe('an update that claims clocks', () => {
  it('as collected garbage: what is really written under them is refused, not lost', () => {
    expect(fate(integrateUpdate(SEED, structs(7, 0, [INFO.gc, 1_000]), TEXT))).toBe('gc-struct');
    const state = stateAfter(SEED, raw([1, 1, 7, 0, INFO.gc, 1_000, 1, 7, 1, 0, 1_000]));
    expect(fate(integrateUpdate(state, typed('my work '), TEXT))).toBe('collected-id');
  });

  it('as an editor does that collects its own deleted blocks is applied', () => {
    const device = deviceOf(RICH, { client: 7, gc: true });
    const update = updateOf(device, () =>
      device.transact(() => {
        const block = new Y.XmlElement('paragraph');
        device.getXmlFragment('default').insert(0, [block]);
        block.insert(0, [new Y.XmlText('gone')]);
        device.getXmlFragment('default').delete(0, 1);
        device.getXmlFragment('default').insert(1, [new Y.XmlElement('paragraph')]);
      }),
    );
    expect(Y.decodeUpdate(update).structs.some((struct) => struct instanceof Y.GC)).toBe(true);
    expect(integrateUpdate(RICH, update, SHAPE)).toMatchObject({ kind: 'applied', suspicious: false });
  });

  it('far past what is held is refused, a little past waits', () => {
    const at = (clock: number) => structs(7, clock, textIn('default', 'a'));
    expect(integrateUpdate(SEED, at(5), TEXT)).toEqual({ kind: 'pending', missing: new Map([[7, 5]]) });
    expect(fate(integrateUpdate(SEED, at(MAX_CLOCK_JUMP), TEXT))).toBe('pending');
    expect(fate(integrateUpdate(SEED, at(MAX_CLOCK_JUMP + 1), TEXT))).toBe('clock-jump');
  });

  it('behind a gap waits for what belongs into the gap', () => {
    const update = structs(7, 0, textIn('default', 'a'), [INFO.skip, 3], textIn('default', 'b'));
    expect(integrateUpdate(SEED, update, TEXT)).toEqual({ kind: 'pending', missing: new Map([[7, 4]]) });
  });

  it('in deletions of what is not there waits', () => {
    const update = raw([0, 1, 7, 1, 3, 2]);
    expect(integrateUpdate(SEED, update, TEXT)).toEqual({ kind: 'pending', missing: new Map([[7, 5]]) });
  });

  it('of clients that wait for each other is refused', () => {
    const waiting = (client: number, other: number): readonly Part[] => [
      1,
      client,
      0,
      { byte: INFO.string | 0x80 },
      other,
      0,
      'a',
    ];
    expect(fate(integrateUpdate(SEED, raw([2, ...waiting(7, 8), ...waiting(8, 7), 0]), TEXT))).toBe(
      'corrupt',
    );
  });
});

describe('an update under ids that only dualpath writes under', () => {
  it('is refused where they are new, and ignored where they are held', () => {
    const content = readLegacy('text', 'hello there');
    const capture = encodeChange(SEED, content, TEXT, { ...IDENTITY, purpose: 'capture' });
    expect(fate(integrateUpdate(SEED, capture, TEXT))).toBe('reserved-id');
    expect(fate(integrateUpdate(SEED, SEED, TEXT))).toBe('contained');
    const { fingerprint } = content;
    const client = clientIdOf({ ...IDENTITY, purpose: 'seed', shape: TEXT, fingerprint });
    expect(fate(integrateUpdate(SEED, structs(client, 0, textIn('default', 'a')), TEXT))).toBe('reserved-id');
  });

  it('a second seed, from a client that seeds for itself, is refused', () => {
    expect(fate(integrateUpdate(SEED, seedOf('hello', TEXT), TEXT))).toBe('reserved-id');
  });
});

describe('content that the format has no place for', () => {
  it.each<[string, string, readonly Part[]]>([
    ['text at the top', 'wrong-content', textIn('default', 'a')],
    [
      'a key at the top, as in a Y.Map',
      'wrong-content',
      [withKey(INFO.any), 1, 'default', 'key', 1, ...any(1)],
    ],
    ['a Y.Map at the top', 'wrong-content', [INFO.type, 1, 'default', 1]],
    ['a Y.Text at the top', 'wrong-content', [INFO.type, 1, 'default', 2]],
    [
      'an entry without a key beside the document',
      'wrong-content',
      [INFO.any, 1, 'dualpath:default', 1, ...any(1)],
    ],
    ['a type beside the document', 'wrong-content', [withKey(INFO.type), 1, 'dualpath:default', 'key', 1]],
    ['another root', 'wrong-root', textIn('comments', 'a')],
    ['an embed in a node', 'wrong-content', [INFO.embed, 0, 0, 0, '{}']],
  ])('in ProseMirror, %s', (_, code, item) => {
    const state = stateAfter(RICH, structs(0, 0, [INFO.type, 1, 'default', 3, 'p']), SHAPE);
    const result = integrateUpdate(state, structs(7, 0, item), SHAPE);
    expect(fate(result)).toBe(code);
  });

  it.each<[string, readonly Part[]]>([
    ['an embed in text', [INFO.embed, 0, 0, 0, '{}']],
    ['an attribute of a text', [withKey(INFO.any), 0, 0, 0, 'key', 1, ...any(1)]],
    ['a node in text', [INFO.type, 0, 0, 0, 3, 'p']],
  ])('in a ProseMirror text, %s', (_, item) => {
    const withText = structs(0, 0, [INFO.type, 0, seedClient(RICH), 0, 6]);
    const state = stateAfter(RICH, withText, SHAPE);
    expect(fate(integrateUpdate(state, structs(7, 0, item), SHAPE))).toBe('wrong-content');
  });

  it.each<[string, StateShape['format'], readonly Part[]]>([
    ['a key on text', 'text', [withKey(INFO.any), 1, 'default', 'key', 1, ...any(1)]],
    ['an embed in text', 'markdown', [INFO.embed, 1, 'default', '{}']],
    ['a format on text', 'text', [INFO.format, 1, 'default', 'bold', 'true']],
    ['a type in a Delta', 'quill', [INFO.type, 1, 'default', 3, 'p']],
    ['a list in a Delta', 'quill', [INFO.any, 1, 'default', 1, ...any(1)]],
  ])('%s (%s): %s', (_, format, item) => {
    const shape = { format, fragment: 'default' };
    expect(fate(integrateUpdate(new Uint8Array([0, 0]), structs(7, 0, item), shape))).toBe('wrong-content');
  });

  it('an item inside one that holds nothing, which Yjs would destroy unseen', () => {
    const inText = structs(7, 0, [INFO.string, 0, seedClient(SEED), 3, 'my work']);
    expect(fate(integrateUpdate(SEED, inText, TEXT))).toBe('wrong-content');
  });

  it('an item between neighbours of two blocks, or in the wrong order, which replicas would place apart', () => {
    const client = seedClient(SEED);
    const between = (left: number, right: number) =>
      structs(7, 0, [{ byte: INFO.string | 0xc0 }, client, left, client, right, 'my work']);
    expect(fate(integrateUpdate(SEED, between(3, 4), TEXT))).toBe('applied');
    expect(fate(integrateUpdate(SEED, between(4, 3), TEXT))).toBe('corrupt');
    const two = seedOf(documentOf(paragraph('one'), paragraph('two')), SHAPE);
    const across = structs(7, 0, [
      { byte: INFO.string | 0xc0 },
      seedClient(two),
      3,
      seedClient(two),
      8,
      'my work',
    ]);
    expect(fate(integrateUpdate(two, across, SHAPE))).toBe('corrupt');
  });

  it('U+0000, which the legacy row cannot hold, makes the document unreadable and is refused', () => {
    expect(fate(integrateUpdate(SEED, typed('a\0b'), TEXT))).toBe('unreadable');
  });

  it('nodes nested too deep, a level an update', () => {
    let state = stateAfter(RICH, structs(7, 0, [INFO.type, 1, 'default', 3, 'p']), SHAPE);
    const more = (clock: number) =>
      structsOf(
        7,
        clock,
        Array.from({ length: 100 }, (_, index) => [INFO.type, 0, 7, clock + index - 1, 3, 'p']),
      );
    state = stateAfter(state, more(1), SHAPE);
    state = stateAfter(state, more(101), SHAPE);
    expect(fate(integrateUpdate(state, more(201), SHAPE))).toBe('too-deep');
  });
});

describe('what looks like poison and is not', () => {
  it('select all and delete', () => {
    const device = deviceOf(RICH);
    const update = updateOf(device, () => device.getXmlFragment('default').delete(0, 1));
    const result = integrateUpdate(RICH, update, SHAPE);
    expect(result).toMatchObject({ kind: 'applied', suspicious: false, content: { value: { type: 'doc' } } });
  });
});

/** A small whole number as lib0 writes any value. */
function any(value: number): readonly Part[] {
  return [{ byte: 125 }, { byte: value }];
}

function seedClient(state: Uint8Array): number {
  const [struct] = Y.decodeUpdate(state).structs;
  if (struct === undefined) throw new Error('an empty seed');
  return struct.id.client;
}
