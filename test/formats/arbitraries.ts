import fc from 'fast-check';
import type { Content, SeedIdentity, StateShape } from '../../src/formats/index.ts';
import { readLegacy } from '../../src/formats/index.ts';

/** Documents as applications store them: every shape that a stored document can have, none that it cannot. */

export type Raw = Record<string, unknown>;

const word = fc.oneof(
  fc.constantFrom(
    'draft',
    'the',
    'lost',
    'é',
    'e\u0301',
    '文書',
    '👩‍👩‍👧',
    '𝒳',
    '\n',
    '\t',
    '--abcd1234',
    '"',
    '\\',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).filter((text) => !text.includes('\0')),
);
export const text = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(' '));

const key = fc.oneof(
  fc.constantFrom('id', 'level', 'src', 'title', '2', '10', ''),
  fc
    .string({ unit: 'grapheme', maxLength: 4 })
    .filter((name) => !(name in Object.prototype) && !name.includes('\0')),
);

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }).filter((value) => !value.includes('\0')),
  fc.constantFrom(0, -0, 1, -64, 63, 64, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 0.5, 0.1, 1e300, 5e-324),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
}));
const attrs = fc.dictionary(key, value, { maxKeys: 3 });

const mark = fc.record(
  {
    type: fc.constantFrom('strong', 'em', 'link', 'comment', 'name--abcd1234'),
    attrs: fc.oneof(fc.constantFrom({ id: 1 }, { id: 2 }, {}), attrs),
  },
  { requiredKeys: ['type'] },
);
const marks = fc.array(mark, { maxLength: 3 });

const textNode = fc.record(
  { type: fc.constant('text'), text: fc.oneof(text, fc.constant('')), marks },
  { requiredKeys: ['type', 'text'] },
);
const type = fc.constantFrom(
  'paragraph',
  'heading',
  'blockquote',
  'image',
  'list_item',
  'unknown',
  'constructor',
);
const { node } = fc.letrec<{ node: Raw }>((tie) => ({
  node: fc.record(
    {
      type,
      attrs,
      marks,
      content: fc.array(fc.oneof({ maxDepth: 4 }, textNode, tie('node')), { maxLength: 4 }),
      note: value,
    },
    { requiredKeys: ['type'] },
  ),
}));

export const prosemirror: fc.Arbitrary<Raw> = fc.record(
  {
    type: fc.constantFrom('doc', 'article'),
    attrs,
    marks,
    content: fc.array(node, { maxLength: 6 }),
    version: value,
  },
  { requiredKeys: ['type'] },
);

/** Yjs takes a list and an object with the same members for the same format value, so each name has values of one kind. */
const formats = fc
  .tuple(attrs, fc.option(fc.array(scalar, { maxLength: 2 })))
  .map(([others, ids]) => ({ ...mapValues(others, (it) => (Array.isArray(it) ? true : it)), ids }));

function mapValues(object: Raw, map: (value: unknown) => unknown): Raw {
  return Object.fromEntries(Object.entries(object).map(([name, item]) => [name, map(item)]));
}

const op = fc.record(
  {
    insert: fc.oneof(text, fc.constantFrom('\n', ''), fc.dictionary(key, value, { maxKeys: 2 })),
    attributes: formats,
  },
  { requiredKeys: ['insert'] },
);
const ops = fc.array(op, { maxLength: 8 });
export const quill: fc.Arbitrary<unknown> = fc.oneof(
  ops,
  fc.record({ ops, meta: value }, { requiredKeys: ['ops'] }),
);

/** A document of any format, with the shape of its state. */
export const document: fc.Arbitrary<{ content: Content; shape: StateShape }> = fc.oneof(
  prosemirror.map((raw) => given('prosemirror', JSON.stringify(raw))),
  quill.map((raw) => given('quill', JSON.stringify(raw))),
  fc.oneof(text, fc.constant('')).map((raw) => given('markdown', raw)),
  fc.oneof(text, fc.constant('')).map((raw) => given('text', raw)),
);

/** Two documents of one format. */
export const pair: fc.Arbitrary<{ before: Content; after: Content; shape: StateShape }> = fc
  .tuple(fc.array(document, { minLength: 2, maxLength: 12 }))
  .map(([documents]) => {
    const [first, ...others] = documents;
    if (first === undefined) throw new Error('no document');
    const after = others.find(({ shape }) => shape.format === first.shape.format) ?? first;
    return { before: first.content, after: after.content, shape: first.shape };
  });

export function given(format: StateShape['format'], raw: string): { content: Content; shape: StateShape } {
  return { content: readLegacy(format, raw), shape: { format, fragment: 'default' } };
}

/** For tests of hundreds of documents: a busy machine is no failure. */
export const PATIENT = { timeout: 60_000 };

export const IDENTITY: SeedIdentity = { documentId: 'd-1', lineage: '1', revision: '1' };

/** The same JSON with the keys of every object in another order. */
export function withKeysReversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeysReversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, withKeysReversed(item)]),
  );
}

const plainWords = fc.array(fc.constantFrom('one', 'two', 'three'), { minLength: 1, maxLength: 3 });
const plainMarks = fc.constantFrom(undefined, [{ type: 'strong' }]);
const texts = fc.array(
  fc
    .tuple(plainWords, plainMarks)
    .map(([some, those]) => ({ type: 'text', text: `${some.join(' ')} `, marks: those })),
  { maxLength: 3 },
);
const paragraph = texts.map((content) => ({ type: 'paragraph', content }));
const heading = fc.nat(2).map((level) => ({ type: 'heading', attrs: { level } }));
const image = plainMarks.map((those) => ({ type: 'image', attrs: { src: 'a.png' }, marks: those }));
const quote = fc.array(fc.oneof(paragraph, image), { maxLength: 3 }).map((content) => ({
  type: 'blockquote',
  content,
}));
/** Documents much alike, so that a change leaves most of one as it is. */
export const alike: fc.Arbitrary<Content> = fc
  .array(fc.oneof({ weight: 4, arbitrary: paragraph }, heading, quote), { maxLength: 5 })
  .map((content) => readLegacy('prosemirror', JSON.stringify({ type: 'doc', content })));
