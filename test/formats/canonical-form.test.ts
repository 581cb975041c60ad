import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLegacy, readValue, writeLegacy } from '../../src/formats/index.ts';
import { document, PATIENT, prosemirror, quill, type Raw, withKeysReversed } from './arbitraries.ts';

const canonical = (raw: unknown) => readLegacy('prosemirror', JSON.stringify(raw)).canonical;
const paragraph = (...content: unknown[]) => ({ type: 'doc', content: [{ type: 'paragraph', content }] });

describe('the canonical form', PATIENT, () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(prosemirror, (raw) => {
        expect(canonical(withKeysReversed(raw))).toBe(canonical(raw));
      }),
    );
    fc.assert(
      fc.property(quill, (raw) => {
        const [one, two] = [raw, withKeysReversed(raw)].map((it) => readLegacy('quill', JSON.stringify(it)));
        expect(two?.fingerprint).toEqual(one?.fingerprint);
      }),
    );
  });

  it('does not depend on how text is cut into nodes, nor on empty texts and the order of marks', () => {
    fc.assert(
      fc.property(prosemirror, (raw) => {
        expect(canonical(cutUp(raw))).toBe(canonical(raw));
      }),
    );
  });

  it('is its own canonical form, and what is written back reads as the same content, exactly', () => {
    fc.assert(
      fc.property(document, ({ content }) => {
        const again = readLegacy(content.format, writeLegacy(content));
        expect(again.canonical).toBe(content.canonical);
        expect(again.notes).toEqual([]);
      }),
    );
  });

  it('of a value is that of its JSON, also where JSON makes something else of it', () => {
    const isThatOfItsJson = (format: 'prosemirror' | 'quill', value: unknown) => {
      const raw = JSON.stringify(value);
      expect(readValue(format, value, raw).canonical).toBe(readLegacy(format, raw).canonical);
    };
    fc.assert(fc.property(prosemirror, (raw) => isThatOfItsJson('prosemirror', raw)));
    fc.assert(fc.property(quill, (raw) => isThatOfItsJson('quill', raw)));
    const odd = [new Date(0), Number.NaN, undefined, () => 1, Array(2), { toJSON: () => 'said' }, -0];
    for (const value of odd) isThatOfItsJson('prosemirror', { type: 'doc', attrs: { value } });
    class Heading {
      readonly type = 'heading';
      toJSON = () => ({ type: 'heading', attrs: { level: 1 } });
    }
    isThatOfItsJson('prosemirror', { type: 'doc', content: [new Heading()] });
    isThatOfItsJson('quill', { ops: [{ insert: 'a', attributes: new Map([['bold', true]]) }] });
  });

  it('tells contents apart that differ anywhere', () => {
    fc.assert(
      fc.property(prosemirror, (raw) => {
        const changed = { ...raw, attrs: { ...(raw.attrs as Raw | undefined), 'not there before': true } };
        expect(canonical(changed)).not.toBe(canonical(raw));
      }),
    );
    expect(canonical(paragraph({ type: 'text', text: 'é' }))).not.toBe(
      canonical(paragraph({ type: 'text', text: 'e\u0301' })),
    );
    expect(canonical({ type: 'doc', attrs: { a: [1, 2] } })).not.toBe(
      canonical({ type: 'doc', attrs: { a: [2, 1] } }),
    );
    expect(canonical({ type: 'doc', attrs: { a: { b: null } } })).not.toBe(
      canonical({ type: 'doc', attrs: { a: {} } }),
    );
  });

  it('keeps a null attribute of a mark, which may stand against a default', () => {
    const marks = [{ type: 'link', attrs: { href: '/', target: null } }];
    const [withNull, without] = [marks, [{ type: 'link', attrs: { href: '/' } }]].map((it) =>
      canonical(paragraph({ type: 'text', text: 'a', marks: it })),
    );
    expect(withNull).not.toBe(without);
  });

  it('takes a null attribute of a node for an absent one, and -0 for 0, and says so', () => {
    const content = readLegacy('prosemirror', '{"type":"doc","attrs":{"a":null,"b":-0}}');
    expect(content.value).toEqual({ type: 'doc', attrs: { b: 0 } });
    expect(content.notes).toEqual(['left out attributes that are null', 'wrote -0 as 0']);
  });

  it('joins neighbouring texts with the same marks, and only those', () => {
    const strong = [{ type: 'strong' }];
    const content = paragraph(
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b', marks: [] },
      { type: 'text', text: 'c', marks: strong },
      { type: 'text', text: '' },
      { type: 'text', text: 'd', marks: [{ type: 'strong', attrs: {} }] },
    );
    expect(canonical(content)).toBe(
      canonical(paragraph({ type: 'text', text: 'ab' }, { type: 'text', text: 'cd', marks: strong })),
    );
  });

  it('sorts marks and keeps each once, and keeps those on images too', () => {
    const marks = [{ type: 'strong' }, { type: 'link', attrs: { href: '/' } }, { type: 'strong' }];
    const content = readLegacy('prosemirror', JSON.stringify(paragraph({ type: 'image', marks })));
    expect(content.canonical).toContain('"marks":[{"attrs":{"href":"/"},"type":"link"},{"type":"strong"}]');
    expect(content.notes).toEqual(['left out marks that stood twice on the same content']);
  });

  it('replaces half a surrogate pair by U+FFFD and says so', () => {
    const content = readLegacy(
      'prosemirror',
      String.raw`{"type":"doc","attrs":{"a":"x\ud83d","b":"\ud83d\ude00"}}`,
    );
    expect(content.value).toEqual({ type: 'doc', attrs: { a: 'x\uFFFD', b: '😀' } });
    expect(content.notes).toEqual(['replaced half a surrogate pair by U+FFFD']);
    expect(readLegacy('text', 'x\ud83d').value).toBe('x\uFFFD');
  });

  it('keeps plain text to the letter', () => {
    const text = '\uFEFF# Título\r\n\r\n- a\u00a0b \t\n';
    expect(writeLegacy(readLegacy('markdown', text))).toBe(text);
    expect(readLegacy('markdown', text).notes).toEqual([]);
  });

  it('joins Quill operations with equal formats, never embeds, and keeps a bare list of operations one', () => {
    const ops = [
      { insert: 'a', attributes: { bold: true } },
      { insert: 'b', attributes: { bold: true, color: null } },
      { insert: { image: '/' } },
      { insert: { image: '/' } },
    ];
    const joined = [
      { attributes: { bold: true }, insert: 'ab' },
      { insert: { image: '/' } },
      { insert: { image: '/' } },
    ];
    expect(readLegacy('quill', JSON.stringify({ ops })).value).toEqual({ ops: joined });
    expect(writeLegacy(readLegacy('quill', JSON.stringify(ops)))).toBe(JSON.stringify(joined));
  });

  it('has its SHA-256 as the fingerprint', () => {
    const content = readLegacy('text', 'abc');
    expect(content.canonical).toBe('"abc"');
    expect(content.fingerprint).toEqual(createHash('sha256').update('"abc"').digest());
  });
});

/** Each text as single code points with empty texts between, marks backwards. */
function cutUp(node: Raw): Raw {
  const content = (node.content as Raw[] | undefined)?.flatMap((child) =>
    child.type === 'text'
      ? ['', ...(child.text as string)].map((text) => ({ ...child, text, ...backwards(child.marks) }))
      : [cutUp(child)],
  );
  return { ...node, ...backwards(node.marks), ...(content === undefined ? {} : { content }) };
}

function backwards(marks: unknown): Raw {
  return Array.isArray(marks) ? { marks: [...marks].reverse() } : {};
}
