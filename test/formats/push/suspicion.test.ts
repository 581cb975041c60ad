import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type Integrated, integrateUpdate } from '../../../src/formats/push/index.ts';
import { type Block, documentOf, EDITORS, paragraph, retext, show } from './editing.ts';
import { deviceOf, SHAPE, seedOf, updateOf } from './support.ts';

const BASE = seedOf(
  documentOf(paragraph('alpha beta gamma delta'), paragraph('epsilon zeta'), paragraph('eta theta')),
  SHAPE,
);

type Change = (blocks: readonly Block[]) => readonly Block[];

const replace =
  (from: string, to: string): Change =>
  (blocks) =>
    retext(blocks, (text) => text.replace(from, to));
const typeInMiddle = replace('gamma', 'gamma new');
const typeAtEnd = replace('delta', 'delta new');
const typeAtStart = replace('alpha', 'new alpha');
const typeElsewhere = replace('theta', 'theta other');
const deleteFirst: Change = ([, ...others]) => others;
const split: Change = ([, ...others]) => [paragraph('alpha beta '), paragraph('gamma delta'), ...others];
const splitEarlier: Change = ([, ...others]) => [
  paragraph('alpha '),
  paragraph('beta gamma delta'),
  ...others,
];
const moveToEnd: Change = ([first, ...others]) => [...others, ...(first ? [first] : [])];
const wrap: Change = ([first, ...others]) => [
  { type: 'blockquote', content: first ? [first] : [] },
  ...others,
];
const toHeading: Change = ([first, ...others]) => [
  { ...first, type: 'heading', attrs: { level: 2 } },
  ...others,
];
const toHeading3: Change = ([first, ...others]) => [
  { ...first, type: 'heading', attrs: { level: 3 } },
  ...others,
];
const join: Change = ([, , ...others]) => [paragraph('alpha beta gamma deltaepsilon zeta'), ...others];
const deleteWord = replace('gamma ', '');

function suspicionOf(result: Integrated): boolean {
  if ('suspicious' in result) return result.suspicious;
  throw new Error(`${result.kind} ${'code' in result ? result.code : ''}`);
}

describe.each(EDITORS)('a %s device that was offline', (_, editor) => {
  /** Is it suspicious to take in what the device did, after what the server has? As one update, or as all the replica has. */
  const meeting = (server: Change, device: Change, base = BASE) => {
    const head = deviceOf(base, { client: 1 });
    show(editor, head, server);
    const state = Y.encodeStateAsUpdate(head);
    const replica = deviceOf(base, { client: 2 });
    const update = updateOf(replica, () => show(editor, replica, device));
    const whole = Y.encodeStateAsUpdate(replica, Y.encodeStateVector(head));
    const known = () => base;
    return {
      sent: suspicionOf(integrateUpdate(state, update, SHAPE)),
      'sent, replica known': suspicionOf(integrateUpdate(state, update, SHAPE, known)),
      'synced, replica known': suspicionOf(integrateUpdate(state, whole, SHAPE, known)),
    };
  };
  const SUSPICIOUS = { sent: true, 'sent, replica known': true, 'synced, replica known': true };
  const CLEAN = { sent: false, 'sent, replica known': false, 'synced, replica known': false };

  it.each<[string, Change, Change]>([
    ['typed into a paragraph deleted meanwhile', deleteFirst, typeInMiddle],
    ['typed into the part of a paragraph that a split moved', split, typeInMiddle],
    ['typed at the end of a paragraph split meanwhile', split, typeAtEnd],
    ['typed into a paragraph moved meanwhile', moveToEnd, typeInMiddle],
    ['typed into a paragraph wrapped meanwhile', wrap, typeAtStart],
    ['typed into a paragraph made a heading meanwhile', toHeading, typeAtEnd],
    ['typed into a paragraph joined to the one before it', join, replace('zeta', 'zeta new')],
    ['split a paragraph typed into meanwhile', typeInMiddle, split],
    ['split a paragraph typed at the end of meanwhile', typeAtEnd, split],
    ['moved a paragraph typed into meanwhile', typeInMiddle, moveToEnd],
    ['wrapped a paragraph typed into meanwhile', typeAtEnd, wrap],
    ['made a heading of a paragraph typed into meanwhile', typeAtStart, toHeading],
    ['deleted a paragraph typed into meanwhile', typeInMiddle, deleteFirst],
    ['moved a paragraph that was moved meanwhile', moveToEnd, moveToEnd],
    ['split a paragraph that was split meanwhile', split, splitEarlier],
    ['wrapped a paragraph that was made a heading meanwhile', toHeading, wrap],
    ['deleted a word of a paragraph split meanwhile', split, deleteWord],
    ['split a paragraph a word of which was deleted meanwhile', deleteWord, split],
    [
      'typed the beginning of a word before a word, as was typed there meanwhile',
      replace('gamma', 'gallop gamma'),
      replace('gamma', 'gap gamma'),
    ],
    [
      'typed on at a word that was typed on meanwhile',
      replace('delta', 'deltas'),
      replace('delta', 'deltaic'),
    ],
    ['gave a heading another level than was given meanwhile', toHeading3, toHeading],
  ])('and %s: a three-way merge must look', (_case, server, device) => {
    expect(meeting(server, device)).toEqual(SUSPICIOUS);
  });

  it.each<[string, Change, Change]>([
    ['typed in another paragraph', typeInMiddle, typeElsewhere],
    ['typed in the same paragraph', typeInMiddle, typeAtStart],
    ['typed at the same place', typeAtEnd, replace('delta', 'delta other')],
    ['split a paragraph while another was typed in', typeElsewhere, split],
    ['typed while another paragraph was split', split, typeElsewhere],
    ['moved a paragraph while another was typed in', replace('zeta', 'zeta new'), moveToEnd],
    ['deleted a paragraph while another was typed in', typeElsewhere, deleteFirst],
    ['deleted a word while another paragraph was split', split, replace('epsilon ', '')],
  ])('and %s: nothing to look at', (_case, server, device) => {
    expect(meeting(server, device)).toEqual(CLEAN);
  });

  it('in a document with a history of splits and deletions, and typed elsewhere: nothing to look at', () => {
    const author = deviceOf(BASE, { client: 3 });
    for (const change of [split, deleteWord, typeAtEnd, moveToEnd]) show(editor, author, change);
    const base = Y.encodeStateAsUpdate(author);
    expect(meeting(replace('epsilon', 'epsilon new'), typeElsewhere, base)).toEqual(CLEAN);
  });
});

describe('people who type live', () => {
  it('pay nothing: keystrokes, corrections and undo are never suspicious by themselves', () => {
    const device = deviceOf(BASE, { client: 2 });
    const other = deviceOf(BASE, { client: 1 });
    const text = textIn(device, 0);
    const undo = new Y.UndoManager(text, { captureTimeout: 0 });
    const steps: (() => void)[] = [
      () => text.insert(5, 'x'),
      () => text.insert(6, 'y'),
      () => text.delete(5, 2),
      () => text.insert(5, 'z'),
      () => text.delete(0, 5),
      () => undo.undo(),
      () => text.insert(3, 'w'),
      () => text.delete(3, 1),
      () => text.insert(3, 'v'),
    ];
    let state = BASE;
    for (const step of steps) {
      for (const [doc, work] of [
        [other, () => textIn(other, 1).insert(2, 'o')],
        [device, step],
      ] as const) {
        const result = integrateUpdate(state, updateOf(doc, work), SHAPE);
        expect(suspicionOf(result)).toBe(false);
        if (result.kind === 'applied') state = result.state();
      }
    }
  });
});

function textIn(doc: Y.Doc, index: number): Y.XmlText {
  const block = doc.getXmlFragment('default').get(index);
  const text = block instanceof Y.XmlElement ? block.get(0) : undefined;
  if (!(text instanceof Y.XmlText)) throw new Error('no text there');
  return text;
}

describe('a device that types where it deleted what stood there', () => {
  const cleared = deviceOf(BASE, { client: 1 });
  const textIn = (doc: Y.Doc) => (doc.getXmlFragment('default').get(0) as Y.XmlElement).get(0) as Y.XmlText;
  textIn(cleared).delete(10, 12);
  const known = Y.encodeStateAsUpdate(cleared);
  const typing = () => {
    const device = deviceOf(known, { client: 1 });
    return updateOf(device, () => textIn(device).insert(10, ' new'));
  };
  const headOf = (change: (text: Y.XmlText, doc: Y.Doc) => void) => {
    const head = deviceOf(known, { client: 9 });
    change(textIn(head), head);
    return Y.encodeStateAsUpdate(head);
  };

  it('and comes to stand before a word, with deleted text between: a three-way merge must look', () => {
    const head = headOf((text) => {
      text.insert(10, 'zeta');
      text.delete(10, 4);
      text.insert(10, 'gamma');
    });
    const result = integrateUpdate(head, typing(), SHAPE);
    expect(result.kind === 'applied' && result.content.canonical).toContain('new');
    expect(suspicionOf(result)).toBe(true);
  });

  it('and whose text before that was taken elsewhere meanwhile: a three-way merge must look', () => {
    const head = headOf((text, doc) => {
      text.delete(0, 10);
      const element = new Y.XmlElement('paragraph');
      element.insert(0, [new Y.XmlText('alpha beta')]);
      doc.getXmlFragment('default').insert(2, [element]);
    });
    expect(suspicionOf(integrateUpdate(head, typing(), SHAPE, () => known))).toBe(true);
  });

  it('and nobody else was there: nothing to look at', () => {
    expect(suspicionOf(integrateUpdate(known, typing(), SHAPE, () => known))).toBe(false);
    expect(suspicionOf(integrateUpdate(known, typing(), SHAPE))).toBe(false);
  });
});
