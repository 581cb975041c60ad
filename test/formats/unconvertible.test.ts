import { describe, expect, it } from 'vitest';
import { UnconvertibleError } from '../../src/errors.ts';
import { readLegacy, type StateShape } from '../../src/formats/index.ts';
import { PATIENT } from './arbitraries.ts';

function refusal(format: StateShape['format'], raw: string): UnconvertibleError {
  try {
    readLegacy(format, raw);
  } catch (error) {
    if (error instanceof UnconvertibleError) return error;
    throw error;
  }
  throw new Error('it was read');
}

const paragraph = (...content: unknown[]) =>
  JSON.stringify({ type: 'doc', content: [{ type: 'paragraph', content }] });
const nested = (depth: number) => `${'{"type":"a","content":['.repeat(depth)}${']}'.repeat(depth)}`;

describe('a document that the local-first form cannot hold is refused by name', PATIENT, () => {
  it.each([
    ['not JSON', 'not-json', '{"type":"doc", SECRET'],
    ['cut off', 'not-json', '{"type":"doc"'],
    ['a list', 'not-a-document', '[]'],
    ['null', 'not-a-document', 'null'],
    ['an object without a type', 'not-a-document', '{"ops":[]}'],
    ['a text alone', 'not-a-document', '{"type":"text","text":"SECRET"}'],
    ['text under the top node', 'text-at-top', '{"type":"doc","content":[{"type":"text","text":"SECRET"}]}'],
    ['content that is no list', 'bad-content', '{"type":"doc","content":{}}'],
    ['a node without a type', 'bad-node', '{"type":"doc","content":[{}]}'],
    ['a text node without text', 'bad-text', paragraph({ type: 'text' })],
    [
      'a text node with content',
      'text-with-structure',
      paragraph({ type: 'text', text: 'SECRET', content: [1] }),
    ],
    ['attributes that are a list', 'bad-attributes', '{"type":"doc","attrs":[1]}'],
    ['marks that are an object', 'bad-marks', paragraph({ type: 'image', marks: {} })],
    [
      'a mark with more than attributes',
      'bad-marks',
      paragraph({ type: 'image', marks: [{ type: 'a', b: 1 }] }),
    ],
    ['a number past all bounds', 'non-finite-number', '{"type":"doc","attrs":{"a":1e400}}'],
    [
      'a number with more digits than JavaScript holds',
      'number-precision',
      '{"type":"doc","attrs":{"a":12345678901234567890}}',
    ],
    [
      'a fraction with more digits',
      'number-precision',
      '{"type":"doc","attrs":{"a":0.12345678901234567891}}',
    ],
    ['the key __proto__', 'impossible-key', '{"type":"doc","attrs":{"__proto__":1}}'],
    [
      'a mark of type __proto__',
      'impossible-key',
      paragraph({ type: 'image', marks: [{ type: '__proto__' }] }),
    ],
    ['the key constructor', 'impossible-key', '{"type":"doc","attrs":{"a":{"constructor":1}}}'],
    [
      'a mark that Yjs reserves',
      'impossible-key',
      paragraph({ type: 'image', marks: [{ type: 'ychange' }] }),
    ],
    ['U+0000', 'null-character', String.raw`{"type":"doc","attrs":{"a":"SECRET\u0000"}}`],
    ['nodes 5,000 deep', 'too-deep', nested(5_000)],
    ['lists 5,000 deep', 'too-deep', `{"type":"doc","attrs":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`],
    [
      'brackets a million deep',
      'too-deep',
      `{"type":"doc","attrs":{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}}`,
    ],
  ])('%s', (_, code, raw) => {
    const error = refusal('prosemirror', raw);
    expect(error.code).toBe(code);
    expect(`${error.message} ${error.remedy} ${error.cause}`).not.toContain('SECRET');
  });

  it.each([
    ['no operations', 'not-a-document', '{"type":"doc"}'],
    ['a change instead of a document', 'not-a-document', '{"ops":[{"retain":3},{"insert":"SECRET"}]}'],
    ['a deletion', 'not-a-document', '[{"delete":3}]'],
    ['an operation that is no object', 'bad-operation', '{"ops":["SECRET"]}'],
    ['a number inserted', 'bad-operation', '{"ops":[{"insert":3}]}'],
    ['a format that Yjs reserves', 'impossible-key', '[{"insert":"a","attributes":{"ychange":1}}]'],
    ['null inserted', 'bad-operation', '{"ops":[{"insert":null}]}'],
  ])('Quill: %s', (_, code, raw) => {
    expect(refusal('quill', raw).code).toBe(code);
  });

  it('a document of 20 MB, of any format', () => {
    const text = 'x'.repeat(20_000_000);
    expect(refusal('prosemirror', paragraph({ type: 'text', text })).code).toBe('too-large');
    expect(refusal('quill', JSON.stringify([{ insert: text }])).code).toBe('too-large');
    expect(refusal('markdown', text).code).toBe('too-large');
    expect(refusal('text', '€'.repeat(7_000_000)).code).toBe('too-large');
  });

  it('plain text with U+0000', () => {
    expect(refusal('text', 'a\0b').code).toBe('null-character');
  });
});

describe('a document that only looks difficult is read', () => {
  it('nested 250 deep', () => {
    expect(readLegacy('prosemirror', nested(250)).notes).toEqual([]);
  });

  it('with long digits inside strings, and long numbers that JavaScript holds exactly', () => {
    const attrs =
      '{"a":"12345678901234567890","b":1000000000000000000000,"c":0.1234567890123456,"d":"\\"12345678901234567890"}';
    expect(readLegacy('prosemirror', `{"type":"doc","attrs":${attrs}}`).notes).toEqual([]);
  });
});
