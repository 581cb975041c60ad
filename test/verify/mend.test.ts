import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { applyUpdate, decodeState, encodeSeed, mergeUpdates, readLegacy } from '../../src/formats/index.ts';
import { type Broken, planMend } from '../../src/verify/mend.ts';

const SHAPE = { format: 'text', fragment: 'default' } as const;
const content = (text: string) => readLegacy('text', text);
const seedOf = (text: string, lineage = '1') =>
  encodeSeed(content(text), SHAPE, { documentId: 'd', lineage, revision: '1' });
const textOf = (state: Uint8Array): unknown => decodeState(state, SHAPE).value;

const broken = (more: Partial<Broken>): Broken => ({
  id: 'd',
  shape: SHAPE,
  authority: 'legacy',
  lineage: '1',
  content: content('the essay'),
  revision: '1',
  linked: content('the essay').fingerprint,
  found: seedOf('the essay'),
  log: [seedOf('the essay')],
  ...more,
});

/** Another program types at the end of the state. */
function typed(state: Uint8Array, words: string, client = 7): Uint8Array {
  const doc = new Y.Doc({ gc: false });
  doc.clientID = client;
  Y.applyUpdate(doc, state);
  doc.getText('default').insert(doc.getText('default').length, words);
  return Y.encodeStateAsUpdate(doc);
}

describe('mending a document', () => {
  it('goes forward from a state that grew past the log, and takes what is new into the log', () => {
    const found = typed(seedOf('the essay'), ' and more');
    const mend = planMend(broken({ found }));
    expect(textOf(mend.state)).toBe('the essay');
    expect(mend).toMatchObject({ lineage: '1', keepFound: false, mirror: false });
    expect(textOf(mergeUpdates([seedOf('the essay'), ...mend.updates.map(({ payload }) => payload)]))).toBe(
      'the essay',
    );
    // A device that holds what was found converges with what was mended.
    expect(textOf(applyUpdate(found, mend.state))).toBe('the essay');
  });

  it('mirrors instead where the local-first side has authority', () => {
    const mend = planMend(
      broken({ found: typed(seedOf('the essay'), ' and more'), authority: 'local-first' }),
    );
    expect(textOf(mend.state)).toBe('the essay and more');
    expect(mend).toMatchObject({ mirror: true, keepFound: false, content: { value: 'the essay and more' } });
  });

  it('takes the row over a side with authority that nobody wrote: lost, damaged or as it was', () => {
    for (const found of [null, Buffer.from('garbage'), seedOf('the essay')]) {
      const saved = content('the essay, finished');
      const mend = planMend(broken({ found, authority: 'local-first', content: saved }));
      expect(textOf(mend.state)).toBe('the essay, finished');
      expect(mend).toMatchObject({ mirror: false, lineage: '1' });
    }
  });

  it('rebuilds from the log what is damaged, and keeps what was found', () => {
    for (const found of [Buffer.from('garbage'), seedOf('another essay'), new Uint8Array([0, 0]), null]) {
      const mend = planMend(broken({ found }));
      expect(textOf(mend.state)).toBe('the essay');
      expect(mend).toMatchObject({ lineage: '1', updates: [], keepFound: found !== null });
    }
  });

  it('seeds a new lineage where the log is damaged, too', () => {
    const mend = planMend(broken({ found: Buffer.from('garbage'), log: [Buffer.from('garbage')] }));
    expect(textOf(mend.state)).toBe('the essay');
    expect(mend).toMatchObject({ lineage: '2', updates: [{ origin: 'seed' }], keepFound: true });
  });

  it('never doubles, whichever bytes of the state are flipped', () => {
    const words = 'the essay that was seeded once';
    const genuine = seedOf(words);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(genuine.length - 1), fc.integer({ min: 1, max: 255 })), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.constantFrom<'legacy' | 'local-first'>('legacy', 'local-first'),
        (flips, authority) => {
          const found = Uint8Array.from(genuine);
          for (const [at, bits] of flips) found[at] = (found[at] ?? 0) ^ bits;
          const mend = planMend(broken({ content: content(words), found, log: [genuine], authority }));
          expect(textOf(mend.state)).toBe(mend.content.value);
          if (authority === 'legacy') expect(mend.content.value).toBe(words);
          const log = mend.lineage === '1' ? [genuine] : [];
          const logged = mergeUpdates([...log, ...mend.updates.map(({ payload }) => payload)]);
          expect(textOf(logged)).toBe(mend.content.value);
        },
      ),
      { numRuns: 400 },
    );
  });
});
