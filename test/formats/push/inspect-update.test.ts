import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { encodeSeed } from '../../../src/formats/index.ts';
import { inspectUpdate, RejectedUpdateError, type RejectionReason } from '../../../src/formats/push/index.ts';
import {
  MAX_BARE_CLOCKS,
  MAX_CLOCK,
  MAX_TYPE_DEPTH,
  MAX_UPDATE_BYTES,
  MAX_UPDATE_CLIENTS,
  MAX_UPDATE_STRUCTS,
} from '../../../src/formats/push/limits.ts';
import { document, IDENTITY, PATIENT } from '../arbitraries.ts';
import { INFO, type Part, raw, structs, structsOf, textIn, withOrigin } from './raw-update.ts';
import { deviceOf, SHAPE, seedOf, TEXT, updateOf } from './support.ts';

function rejection(update: Uint8Array, shape?: Parameters<typeof inspectUpdate>[1]): RejectionReason {
  try {
    inspectUpdate(update, shape);
  } catch (error) {
    if (error instanceof RejectedUpdateError) return error.reason;
    throw error;
  }
  throw new Error('it was accepted');
}

/** 2^53 as Yjs would write it. */
const PAST_2_53: readonly Part[] = [...Array.from({ length: 7 }, () => ({ byte: 0x80 })), { byte: 16 }];

/** What editors and applications can put into a Y.Doc, one of each. */
function everything(doc: Y.Doc): void {
  doc.transact(() => {
    const text = doc.getText('text');
    text.insert(0, 'plain 😀 ', {});
    text.insert(0, 'bold', { bold: true, color: '#f00' });
    text.insertEmbed(0, { image: '/a.png' });
    text.delete(2, 5);
    const map = doc.getMap('map');
    for (const value of [
      1,
      -7,
      2 ** 40,
      0.5,
      0.1,
      10n,
      'a',
      true,
      false,
      null,
      undefined,
      [1, [2]],
      { a: { b: 1 } },
    ])
      map.set(typeof value, value);
    map.set('bytes', new Uint8Array([1, 2, 3]));
    map.set('doc', new Y.Doc({ guid: 'sub' }));
    doc.getArray('list').insert(0, [1, 'two', new Y.Array(), new Y.Map(), new Y.Text('x')]);
    const element = new Y.XmlElement('paragraph');
    doc.getXmlFragment('xml').insert(0, [element, new Y.XmlText('y'), new Y.XmlHook('hook') as never]);
    element.setAttribute('level', 2 as never);
  });
}

describe('an update that is inspected', PATIENT, () => {
  it('is read as Yjs reads it, whatever Yjs can hold', () => {
    for (const gc of [true, false]) {
      const doc = new Y.Doc({ guid: 'test', gc });
      everything(doc);
      doc.getArray('list').delete(1, 3);
      const update = Y.encodeStateAsUpdate(doc);
      const read = inspectUpdate(update).structs.map(({ client, clock, length }) => [client, clock, length]);
      expect(read).toEqual(
        Y.decodeUpdate(update).structs.map(({ id, length }) => [id.client, id.clock, length]),
      );
    }
  });

  it('says which clocks of which clients it holds, what it deletes and which roots it names', () => {
    const device = deviceOf(seedOf('hello', TEXT), { client: 7 });
    const update = updateOf(device, () => {
      device.getText('default').insert(5, ' there');
      device.getText('default').delete(0, 1);
    });
    const { clients, deletions, rootTypes, bytes } = inspectUpdate(update, TEXT);
    expect(clients).toEqual(new Map([[7, { from: 0, to: 6 }]]));
    expect([...deletions.values()]).toEqual([[{ clock: 0, length: 1 }]]);
    expect(rootTypes).toEqual(new Set());
    expect(bytes).toBe(update.length);
    expect(inspectUpdate(seedOf('hello', TEXT)).rootTypes).toEqual(new Set(['default']));
  });

  it('is a seed of any document', () => {
    fc.assert(
      fc.property(document, ({ content, shape }) => {
        const seed = encodeSeed(content, shape, IDENTITY);
        expect(inspectUpdate(seed, shape).structs).toHaveLength(Y.decodeUpdate(seed).structs.length);
      }),
    );
  });
});

describe('bytes that are no update', PATIENT, () => {
  it('cut off anywhere: rejected as cut off', () => {
    const doc = new Y.Doc({ guid: 'test', gc: false });
    everything(doc);
    const update = Y.encodeStateAsUpdate(doc);
    for (let length = 1; length < update.length; length++) {
      expect(rejection(update.slice(0, length))).toBe('truncated');
      // A view ends where it ends, even if more lies behind it in memory.
      expect(rejection(update.subarray(0, length))).toBe('truncated');
    }
  });

  it('none at all, and more than it announces', () => {
    expect(rejection(new Uint8Array())).toBe('not-an-update');
    expect(rejection(raw([0, 0, 0]))).toBe('not-an-update');
    expect(rejection(Buffer.concat([structs(1, 0, textIn('default', 'a')), Buffer.from('x')]))).toBe(
      'corrupt',
    );
  });

  it('an update in the V2 format', () => {
    const doc = new Y.Doc({ guid: 'test', gc: false });
    doc.getText('default').insert(0, 'hello');
    expect(rejection(Y.encodeStateAsUpdateV2(doc))).toBe('not-an-update');
    doc.getText('default').delete(1, 3);
    expect(rejection(Y.encodeStateAsUpdateV2(doc))).toBe('not-an-update');
    expect(rejection(Y.encodeStateAsUpdateV2(new Y.Doc()))).toBe('not-an-update');
  });

  it.each<[string, RejectionReason, Uint8Array]>([
    ['a struct of a kind that Yjs does not have', 'corrupt', structs(1, 0, [11, 1])],
    ['collected garbage with flags', 'corrupt', structs(1, 0, [withOrigin(INFO.gc), 5])],
    ['a text of no length', 'corrupt', structs(1, 0, textIn('default', ''))],
    ['a deletion of nothing', 'corrupt', raw([0, 1, 1, 1, 0, 0])],
    ['two lists of one client', 'corrupt', raw([2, 1, 1, 0, INFO.gc, 1, 1, 1, 1, INFO.gc, 1, 0])],
    ['a list longer than the update', 'truncated', structs(1, 0, [INFO.any, 1, 'default', 9_999])],
    ['a type that Yjs does not have', 'corrupt', structs(1, 0, [INFO.type, 1, 'default', 7])],
    ['a value that is no JSON', 'corrupt', structs(1, 0, [5, 1, 'default', '{'])],
    ['text that is no UTF-8', 'corrupt', structs(1, 0, [INFO.string, 1, 'default', 1, { byte: 0xff }])],
    ['an item after itself', 'corrupt', structs(1, 0, [withOrigin(INFO.string), 1, 0, 'a'])],
    ['an item inside a later one', 'corrupt', structs(1, 0, [INFO.string, 0, 1, 5, 'a'])],
    ['a client id past 2^53', 'ids-not-safe', raw([1, 1, ...PAST_2_53, 0, INFO.gc, 1, 0])],
    ['clocks past 2^53', 'ids-not-safe', structs(1, 2 ** 53 - 2, [INFO.gc, 2])],
    ['deletions past 2^53', 'ids-not-safe', raw([0, 1, 1, 1, 2 ** 53 - 2, 2])],
  ])('%s: %s', (_, reason, update) => {
    expect(rejection(update)).toBe(reason);
  });
});

describe('an update past the limits', PATIENT, () => {
  it('in bytes', () => {
    const root = 'default';
    const text = (length: number) => structs(1, 0, textIn(root, 'a'.repeat(length)));
    const rest = text(MAX_UPDATE_BYTES).length - MAX_UPDATE_BYTES;
    expect(inspectUpdate(text(MAX_UPDATE_BYTES - rest)).bytes).toBe(MAX_UPDATE_BYTES);
    expect(rejection(text(MAX_UPDATE_BYTES - rest + 1))).toBe('too-large');
  });

  it('in structs, and in ranges of deletions', () => {
    const many = (count: number) =>
      structsOf(
        1,
        0,
        Array.from({ length: count }, () => [INFO.skip, 1]),
      );
    expect(inspectUpdate(many(MAX_UPDATE_STRUCTS)).structs).toHaveLength(MAX_UPDATE_STRUCTS);
    expect(rejection(many(MAX_UPDATE_STRUCTS + 1))).toBe('too-many-structs');
    const deletions = Array.from({ length: MAX_UPDATE_STRUCTS + 1 }, (_, index) => [2 * index, 1]).flat();
    expect(rejection(raw([0, 1, 1, MAX_UPDATE_STRUCTS + 1, ...deletions]))).toBe('too-many-structs');
  });

  it('in clients', () => {
    const many = (count: number) =>
      raw([
        count,
        ...Array.from({ length: count }, (_, client) => [1, client, 0, ...textIn('', 'a')]).flat(),
        0,
      ]);
    expect(inspectUpdate(many(MAX_UPDATE_CLIENTS)).clients.size).toBe(MAX_UPDATE_CLIENTS);
    expect(rejection(many(MAX_UPDATE_CLIENTS + 1))).toBe('too-many-clients');
  });

  it('in clocks: those of one client, those collected, those left out', () => {
    const at = (clock: number) => structs(1, clock, textIn('default', 'a'));
    expect(inspectUpdate(at(MAX_CLOCK - 1)).clients.get(1)?.to).toBe(MAX_CLOCK);
    expect(rejection(at(MAX_CLOCK))).toBe('clock-jump');
    expect(rejection(raw([0, 1, 1, 1, MAX_CLOCK, 1]))).toBe('clock-jump');
    for (const [bare, reason] of [
      [[INFO.gc], 'gc-struct'],
      [[INFO.deleted, 1, 'default'], 'gc-struct'],
      [[INFO.skip], 'clock-jump'],
    ] as const) {
      const claim = (length: number) => raw([1, 1, 1, 0, ...bare, length, 1, 1, 1, 0, length]);
      expect(inspectUpdate(claim(MAX_BARE_CLOCKS)).structs).toHaveLength(1);
      expect(rejection(claim(MAX_BARE_CLOCKS + 1))).toBe(reason);
    }
  });

  it('in deleted text that it does not delete', () => {
    expect(rejection(structs(1, 0, [INFO.gc, 5]))).toBe('gc-struct');
    expect(rejection(structs(1, 0, [INFO.deleted, 1, 'default', 5]))).toBe('gc-struct');
    expect(rejection(raw([1, 1, 1, 0, INFO.gc, 5, 1, 1, 1, 0, 4]))).toBe('gc-struct');
  });

  it('in nodes inside nodes', () => {
    expect(inspectUpdate(nested(MAX_TYPE_DEPTH)).structs).toHaveLength(MAX_TYPE_DEPTH);
    expect(rejection(nested(MAX_TYPE_DEPTH + 1))).toBe('too-deep');
    expect(rejection(nested(20_000))).toBe('too-deep');
  });

  it('many nodes beside each other nest no deeper for that', () => {
    const others = Array.from({ length: 5_000 }, (_, clock) => [withOrigin(INFO.type), 1, clock, 3, 'p']);
    expect(
      inspectUpdate(structsOf(1, 0, [[INFO.type, 1, 'default', 3, 'p'], ...others])).structs,
    ).toHaveLength(5_001);
  });

  it('two clients that lie inside each other', () => {
    const around = (client: number, other: number) => [
      300,
      client,
      0,
      ...Array.from({ length: 300 }, (_, clock) => [INFO.type, 0, other, clock, 3, 'p']).flat(),
    ];
    expect(rejection(raw([2, ...around(1, 2), ...around(2, 1), 0]))).toBe('corrupt');
  });

  it('in values inside values', () => {
    const list = (depth: number) => [...Array.from({ length: depth }, () => [117, 1]).flat(), 126];
    const any = (depth: number) => structsOf(1, 0, [[INFO.any, 1, 'default', 1, ...list(depth)]]);
    expect(inspectUpdate(any(100)).structs).toHaveLength(1);
    expect(rejection(any(200))).toBe('too-deep');
    expect(rejection(any(50_000))).toBe('too-deep');
    const json = (depth: number) => structs(1, 0, [5, 1, 'default', '['.repeat(depth) + ']'.repeat(depth)]);
    expect(inspectUpdate(json(100)).structs).toHaveLength(1);
    expect(rejection(json(500))).toBe('too-deep');
    expect(
      inspectUpdate(structs(1, 0, [5, 1, 'default', JSON.stringify('['.repeat(500))])).bytes,
    ).toBeGreaterThan(500);
  });

  it('in roots', () => {
    expect(inspectUpdate(structs(1, 0, textIn('other', 'a'))).rootTypes).toEqual(new Set(['other']));
    expect(rejection(structs(1, 0, textIn('other', 'a')), SHAPE)).toBe('wrong-root');
  });
});

/** Elements in elements. */
function nested(depth: number): Uint8Array {
  const inner = Array.from({ length: depth - 1 }, (_, clock) => [INFO.type, 0, 1, clock, 3, 'p']);
  return structsOf(1, 0, [[INFO.type, 1, 'default', 3, 'p'], ...inner]);
}
