import fc from 'fast-check';
import type { Format } from '../../../src/core/model.ts';
import { type Content, readLegacy, writeLegacy } from '../../../src/formats/index.ts';

/**
 * A writer whose every word is written once in the world, and who therefore knows, without looking at any merge, which
 * words must stand in a result and which must not.
 */

export type TextFormat = Exclude<Format, 'prosemirror'>;
export const TEXT_FORMATS: readonly TextFormat[] = ['text', 'markdown', 'quill'];

/** A character or an embed, with its formats. */
interface Unit {
  readonly insert: string | Record<string, unknown>;
  readonly attributes?: Record<string, unknown>;
}

/** One edit. `at` and `size` are read modulo what there is, so that every number is an edit of every document. */
export interface Edit {
  readonly kind: EditKind;
  readonly at: number;
  readonly size: number;
}

const TEXT_EDITS = [
  'insert-after',
  'insert-before',
  'delete-words',
  'replace-word',
  'rewrite-line',
  'insert-line',
  'delete-line',
  'split',
  'join',
] as const;
const MARKDOWN_EDITS = ['wrap', 'list-item'] as const;
const QUILL_EDITS = ['format', 'insert-embed', 'change-embed', 'format-line'] as const;

export type EditKind =
  | (typeof TEXT_EDITS)[number]
  | (typeof MARKDOWN_EDITS)[number]
  | (typeof QUILL_EDITS)[number];

const KINDS: Readonly<Record<TextFormat, readonly EditKind[]>> = {
  text: TEXT_EDITS,
  markdown: [...TEXT_EDITS, ...MARKDOWN_EDITS],
  quill: [...TEXT_EDITS, ...QUILL_EDITS],
};

export function editOf(format: TextFormat): fc.Arbitrary<Edit> {
  return fc.record({
    kind: fc.constantFrom(...KINDS[format]),
    at: fc.nat(10_000),
    size: fc.nat(10_000),
  });
}

/** Words a line: the shape of a document to begin with. */
export const shapeOf: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(9), { minLength: 1, maxLength: 12 });

/** What became of each word: those that must stand in the end, and those that a writer deleted. */
export class Ledger {
  readonly written = new Set<string>();
  readonly deleted = new Set<string>();
  #count = 0;

  word(): string {
    const word = `w${this.#count++}x`;
    this.written.add(word);
    return word;
  }

  /** The words that must be in a document that has taken in every edit, sorted. */
  get expected(): readonly string[] {
    return [...this.written].filter((word) => !this.deleted.has(word)).sort();
  }
}

/** Every word of a document, embeds included, sorted; one that stands twice is there twice. */
export function wordsOf(content: Content): readonly string[] {
  return wordsIn(unitsOf(content)).sort();
}

export function startOf(format: TextFormat, shape: readonly number[], ledger: Ledger): Content {
  const lines = shape.map((count) => Array.from({ length: count }, () => ledger.word()).join(' '));
  return contentOf(format, toUnits(`${lines.join('\n')}${format === 'text' ? '' : '\n'}`));
}

/** The document after an edit, which is entered in the ledger. */
export function edit(content: Content, { kind, at, size }: Edit, ledger: Ledger): Content {
  const before = unitsOf(content);
  const after = EDITS[kind](before, at, size, ledger);
  const left = new Set(wordsIn(after));
  for (const word of wordsIn(before)) if (!left.has(word)) ledger.deleted.add(word);
  return contentOf(content.format as TextFormat, after);
}

type Apply = (units: readonly Unit[], at: number, size: number, ledger: Ledger) => readonly Unit[];

const EDITS: Readonly<Record<EditKind, Apply>> = {
  'insert-after': (units, at, size, ledger) => {
    const [, to] = wordAt(units, at);
    return splice(units, to, 0, to === 0 ? phrase(size, ledger) : ` ${phrase(size, ledger)}`);
  },
  'insert-before': (units, at, size, ledger) => {
    const [from, to] = wordAt(units, at);
    return splice(units, from, 0, from === to ? phrase(size, ledger) : `${phrase(size, ledger)} `);
  },
  'delete-words': (units, at, size) => {
    const [from] = wordAt(units, at);
    const [, to] = wordAt(units, wordsIn(units).length === 0 ? 0 : wordIndex(units, at) + (size % 4));
    return to <= from ? units : splice(units, from, to - from + (units[to]?.insert === ' ' ? 1 : 0), '');
  },
  'replace-word': (units, at, _size, ledger) => {
    const [from, to] = wordAt(units, at);
    return from === to ? units : splice(units, from, to - from, ledger.word());
  },
  'rewrite-line': (units, at, size, ledger) => {
    const [from, to] = lineAt(units, at);
    return splice(units, from, to - from, phrase(size + 1, ledger));
  },
  'insert-line': (units, at, size, ledger) => {
    const [from] = lineAt(units, at);
    return splice(units, from, 0, `${phrase(size, ledger)}\n`);
  },
  'delete-line': (units, at) => {
    const [from, to] = lineAt(units, at);
    return splice(units, from, to - from + 1, '');
  },
  split: (units, at) => {
    const spaces = placesOf(units, (it) => it.insert === ' ');
    const place = spaces[at % spaces.length];
    return place === undefined ? units : splice(units, place, 1, '\n');
  },
  join: (units, at) => {
    const ends = placesOf(units.slice(0, -1), (it) => it.insert === '\n');
    const place = ends[at % ends.length];
    return place === undefined ? units : splice(units, place, 1, ' ');
  },
  wrap: (units, at) => {
    const [from, to] = wordAt(units, at);
    return from === to ? units : splice(splice(units, to, 0, '**'), from, 0, '**');
  },
  'list-item': (units, at) => splice(units, lineAt(units, at)[0], 0, '- '),
  format: (units, at, size) => {
    const [from] = wordAt(units, at);
    const [, to] = wordAt(units, at + (size % 3));
    return reformat(
      units,
      from,
      to,
      [{ bold: true }, { italic: true }, { color: `#${size}` }, undefined][size % 4],
    );
  },
  'insert-embed': (units, at, _size, ledger) => {
    const [, to] = wordAt(units, at);
    return [...units.slice(0, to), { insert: { image: ledger.word() } }, ...units.slice(to)];
  },
  'change-embed': (units, at, _size, ledger) => {
    const embeds = placesOf(units, (it) => typeof it.insert !== 'string');
    const place = embeds[at % embeds.length];
    if (place === undefined) return units;
    return units.map((it, index) => (index === place ? { ...it, insert: { image: ledger.word() } } : it));
  },
  'format-line': (units, at, size) => {
    const [, end] = lineAt(units, at);
    return reformat(
      units,
      end,
      end + 1,
      [{ header: 1 }, { list: 'bullet' }, { align: 'center' }, undefined][size % 4],
    );
  },
};

function phrase(size: number, ledger: Ledger): string {
  return Array.from({ length: 1 + (size % 5) }, () => ledger.word()).join(' ');
}

function splice(units: readonly Unit[], at: number, gone: number, text: string): readonly Unit[] {
  return [...units.slice(0, at), ...toUnits(text), ...units.slice(at + gone)];
}

function reformat(
  units: readonly Unit[],
  from: number,
  to: number,
  attributes: Unit['attributes'],
): readonly Unit[] {
  return units.map(({ insert, ...old }, index) => {
    if (index < from || index >= to) return { insert, ...old };
    return attributes === undefined
      ? { insert }
      : { insert, attributes: { ...old.attributes, ...attributes } };
  });
}

/** Where the word of this number starts and ends; at the start of the document if it has none. */
function wordAt(units: readonly Unit[], at: number): readonly [from: number, to: number] {
  const places = [...flat(units).matchAll(/w\d+x/g)];
  const place = places[at % places.length];
  return place === undefined ? [0, 0] : [place.index, place.index + place[0].length];
}

function wordIndex(units: readonly Unit[], at: number): number {
  const count = [...flat(units).matchAll(/w\d+x/g)].length;
  return Math.min(at % count, count - 1);
}

/** Where the line of this number starts, and where its end of line stands. */
function lineAt(units: readonly Unit[], at: number): readonly [from: number, to: number] {
  const lines = flat(units).split('\n');
  const index = at % (lines.length > 1 && lines.at(-1) === '' ? lines.length - 1 : lines.length);
  const from = lines.slice(0, index).join('\n').length + (index > 0 ? 1 : 0);
  return [from, from + (lines[index] ?? '').length];
}

function placesOf(units: readonly Unit[], wanted: (unit: Unit) => boolean): readonly number[] {
  return units.flatMap((unit, index) => (wanted(unit) ? [index] : []));
}

/** One character a unit; embeds are U+FFFC. */
function flat(units: readonly Unit[]): string {
  return units.map(({ insert }) => (typeof insert === 'string' ? insert : '\uFFFC')).join('');
}

/** Whatever stands between white space and punctuation: two words run together are a word that nobody wrote. */
function wordsIn(units: readonly Unit[]): string[] {
  const embeds = units.flatMap(({ insert }) => (typeof insert === 'string' ? [] : [String(insert.image)]));
  return [...(flat(units).match(/[\w]+/g) ?? []), ...embeds];
}

function toUnits(text: string): readonly Unit[] {
  return Array.from(text, (insert) => ({ insert }));
}

function unitsOf(content: Content): readonly Unit[] {
  if (content.format !== 'quill') return toUnits(writeLegacy(content));
  const { ops } = content.value as { ops: readonly Unit[] };
  return ops.flatMap(({ insert, attributes }): readonly Unit[] => {
    const parts = typeof insert === 'string' ? Array.from(insert) : [insert];
    return parts.map((part) => (attributes === undefined ? { insert: part } : { insert: part, attributes }));
  });
}

function contentOf(format: TextFormat, units: readonly Unit[]): Content {
  return readLegacy(format, format === 'quill' ? JSON.stringify({ ops: units }) : flat(units));
}
