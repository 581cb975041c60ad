import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { decodeState, type StateShape } from '../../../src/formats/index.ts';
import {
  type Integrated,
  inspectUpdate,
  integrateUpdate,
  RejectedUpdateError,
} from '../../../src/formats/push/index.ts';
import { PATIENT } from '../arbitraries.ts';
import { documentOf, EDITORS, paragraph, retext, show } from './editing.ts';
import { deviceOf, replay, SHAPE, seedOf, TEXT, updatesOf } from './support.ts';

interface Case {
  readonly shape: StateShape;
  readonly state: Uint8Array;
  readonly update: Uint8Array;
}

const QUILL = { format: 'quill', fragment: 'default' } as const;

/** What devices really send: each update with the state that it came to. */
function cases(): readonly Case[] {
  const found: Case[] = [];
  const record = (shape: StateShape, raw: string, work: (doc: Y.Doc) => void) => {
    let state = seedOf(raw, shape);
    const device = deviceOf(state, { client: 2_147_483_647 });
    for (const update of updatesOf(device, () => work(device))) {
      found.push({ shape, state, update });
      const result = integrateUpdate(state, update, shape);
      if (result.kind !== 'applied') throw new Error(result.kind);
      state = result.state();
    }
    found.push({ shape, state: seedOf(raw, shape), update: Y.encodeStateAsUpdate(device) });
  };
  for (const [, editor] of EDITORS) {
    record(SHAPE, documentOf(paragraph('alpha beta gamma'), paragraph('delta epsilon')), (doc) => {
      show(editor, doc, (blocks) => retext(blocks, (text) => text.replace('beta', 'and beta 😀')));
      show(editor, doc, ([first, ...others]) => [
        ...others,
        {
          type: 'heading',
          attrs: { level: 2 },
          content: [{ type: 'text', text: 'zeta', marks: [{ type: 'em' }] }],
        },
        ...(first ? [first] : []),
      ]);
      show(editor, doc, ([first]) => (first ? [{ type: 'blockquote', content: [first] }] : []));
    });
  }
  record(QUILL, '{"ops":[{"insert":"alpha beta\\n"}]}', (doc) => {
    doc.getText('default').insert(5, ' bold', { bold: true, color: '#f00' });
    doc.getText('default').insertEmbed(3, { image: '/a.png' });
    doc.getText('default').delete(1, 6);
  });
  record(TEXT, 'alpha beta', (doc) => {
    doc.getText('default').insert(5, ' and some more');
    doc.getText('default').delete(1, 6);
    doc.getText('default').insert(1, 'x');
  });
  return found;
}

const CASES = cases();
const anyCase = fc.constantFrom(...CASES);
const contentAfter = (result: Integrated) =>
  result.kind === 'applied' ? result.content.canonical : result.kind;

describe('an update that is damaged on its way', PATIENT, () => {
  it('cut off anywhere is refused, and nothing of it is applied', () => {
    for (const { shape, state, update } of CASES) {
      for (let length = 0; length < update.length; length++) {
        const result = integrateUpdate(state, update.subarray(0, length), shape);
        expect(result).toMatchObject({ kind: 'refused', code: length === 0 ? 'not-an-update' : 'truncated' });
      }
    }
  });

  it('in one to three bytes throws nothing but a RejectedUpdateError, and leaves a document that can be read', () => {
    const figures: Record<string, number> = {};
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(anyCase, flips, (given, places) => {
        const fate = fateOf(given, flip(given.update, places));
        figures[fate] = (figures[fate] ?? 0) + 1;
      }),
      replay(3_000),
    );
    expect(figures.refused).toBeGreaterThan(1_000);
    if (process.env.DUALPATH_FIGURES) console.log(figures);
  });

  it('to other bytes altogether is refused or harmless', () => {
    fc.assert(
      fc.property(anyCase, fc.uint8Array({ maxLength: 64 }), ({ shape, state }, bytes) => {
        const result = integrateUpdate(state, bytes, shape);
        if (result.kind === 'applied')
          expect(decodeState(result.state(), shape).canonical).toBe(result.content.canonical);
      }),
      replay(2_000),
    );
  });
});

function flip(update: Uint8Array, places: readonly (readonly [number, number])[]): Uint8Array {
  const damaged = Uint8Array.from(update);
  for (const [place, bits] of places) {
    const at = place % damaged.length;
    damaged[at] = (damaged[at] ?? 0) ^ bits;
  }
  return damaged;
}

/** What becomes of a damaged update, and where it is taken for a good one, of the good one that comes after it. */
function fateOf({ shape, state, update }: Case, damaged: Uint8Array): string {
  if (Buffer.from(damaged).equals(update)) return 'not damaged';
  try {
    inspectUpdate(damaged, shape);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedUpdateError);
  }
  const result = integrateUpdate(state, damaged, shape);
  if (result.kind !== 'applied') return result.kind;
  expect(decodeState(result.state(), shape).canonical).toBe(result.content.canonical);
  const wanted = contentAfter(integrateUpdate(state, update, shape));
  if (result.content.canonical === wanted) return 'applied, same content';
  const after = integrateUpdate(result.state(), update, shape);
  if (after.kind === 'refused') return `applied, other content; the good one then: ${after.code}`;
  return `applied, other content; the good one then: ${contentAfter(after) === wanted ? 'healed' : 'not healed'}`;
}
