import type { Effect, Ledger } from './ledger.ts';

/** A document as its writers see it: the texts of its paragraphs. */
export type Texts = readonly string[];

export interface Edited {
  readonly texts: Texts;
  readonly effect: Effect;
  readonly kind: string;
}

type Below = (limit: number) => number;

/** One edit as a person makes it, with words that nobody wrote before. A document that has grown long loses more. */
export function edit(texts: Texts, ledger: Ledger, random: () => number): Edited {
  const below: Below = (limit) => Math.floor(random() * limit);
  const kinds = wordsIn(texts).length > PLENTY ? SHRINKING : GROWING;
  const kind = kinds[below(kinds.length)] ?? 'type';
  const after = EDITS[kind](texts.length === 0 ? [''] : texts, () => phrase(ledger, below), below);
  const [before, now] = [new Set(wordsIn(texts)), new Set(wordsIn(after))];
  const effect = {
    written: [...now].filter((word) => !before.has(word)),
    deleted: [...before].filter((word) => !now.has(word)),
  };
  return { texts: after, effect, kind };
}

export const wordsIn = (texts: Texts): readonly string[] => texts.flatMap((text) => text.match(WORD) ?? []);

/** As a ledger makes them; two that were run together are told apart. */
export const WORD = /\p{L}\d+n\d+\p{L}/gu;

const PLENTY = 45;
const GROWING = [
  'type',
  'type',
  'type',
  'paragraph',
  'delete',
  'replace',
  'split',
  'join',
  'remove',
] as const;
const SHRINKING = ['type', 'delete', 'delete', 'replace', 'split', 'join', 'remove', 'remove'] as const;

type Kind = (typeof GROWING)[number];
type Apply = (texts: Texts, words: () => string, below: Below) => Texts;

const EDITS: Readonly<Record<Kind, Apply>> = {
  type: (texts, words, below) => inOne(texts, below, (text) => typed(text, words(), below)),
  delete: (texts, _words, below) => inOne(texts, below, (text) => cut(text, below, null)),
  replace: (texts, words, below) => inOne(texts, below, (text) => cut(text, below, words())),
  paragraph: (texts, words, below) => texts.toSpliced(below(texts.length + 1), 0, words()),
  remove: (texts, _words, below) => (texts.length < 3 ? texts : texts.toSpliced(below(texts.length), 1)),
  split: (texts, _words, below) => {
    const at = below(texts.length);
    const text = texts[at] ?? '';
    const spaces = [...text.matchAll(/ /g)].map(({ index }) => index);
    const space = spaces[below(spaces.length)];
    return space === undefined ? texts : texts.toSpliced(at, 1, text.slice(0, space), text.slice(space + 1));
  },
  join: (texts, _words, below) => {
    if (texts.length < 2) return texts;
    const at = below(texts.length - 1);
    const joined = [texts[at], texts[at + 1]].filter((text) => text !== '').join(' ');
    return texts.toSpliced(at, 2, joined);
  },
};

function inOne(texts: Texts, below: Below, change: (text: string) => string): Texts {
  const at = below(texts.length);
  return texts.map((text, index) => (index === at ? change(text) : text));
}

function typed(text: string, words: string, below: Below): string {
  const places = [...text.matchAll(WORD)];
  const place = places[below(places.length + 1)];
  if (place !== undefined) return `${text.slice(0, place.index)}${words} ${text.slice(place.index)}`;
  return text === '' ? words : `${text} ${words}`;
}

/** One or two words go, and one of the spaces around them; or others stand in their place. */
function cut(text: string, below: Below, instead: string | null): string {
  const places = [...text.matchAll(WORD)];
  const first = below(places.length);
  const [from, to] = [places[first], places[Math.min(first + below(2), places.length - 1)]];
  if (from === undefined || to === undefined) return text;
  const end = to.index + to[0].length;
  if (instead !== null) return text.slice(0, from.index) + instead + text.slice(end);
  if (text[end] === ' ') return text.slice(0, from.index) + text.slice(end + 1);
  return text.slice(0, from.index).replace(/ $/, '') + text.slice(end);
}

const phrase = (ledger: Ledger, below: Below): string =>
  Array.from({ length: 1 + below(2) }, () => ledger.word()).join(' ');
