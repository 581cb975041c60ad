import type { JsonObject } from '../json.ts';
import { createInterner, tokenise } from '../tokens.ts';
import { type Block, keyOfAtom } from './flat.ts';
import { isText } from './kinds.ts';
import { createMarkTable, type MarkTable } from './mark-table.ts';
import { isWord } from './words.ts';

/** The marks of a token: one set, or one a UTF-16 unit where they change inside a word. Numbers of the mark table. */
export type Marks = number | readonly number[];

/** A word, a space, a sign, or a node that stands in text. */
export interface Token {
  /** Equal for tokens that may be each other. */
  readonly key: number;
  readonly isWord: boolean;
  /** Empty for a node. */
  readonly text: string;
  /** A node in text, less its marks. */
  readonly atom: JsonObject | undefined;
  readonly marks: Marks;
}

/** Cuts blocks into tokens, with numbers that are the same for all documents of one merge. */
export interface Lexicon {
  readonly tokensOf: (block: Block) => readonly Token[];
  readonly marks: MarkTable;
}

export function createLexicon(): Lexicon {
  const intern = createInterner();
  const marks = createMarkTable();
  const cache = new Map<Block, readonly Token[]>();
  const tokensOf = (block: Block) => {
    const known = cache.get(block);
    if (known !== undefined) return known;
    const tokens = cut(block.inline, intern, marks);
    cache.set(block, tokens);
    return tokens;
  };
  return { tokensOf, marks };
}

/** A stretch of text between two nodes, as its texts and where each ends. */
interface Stretch {
  text: string;
  readonly ends: { readonly at: number; readonly marks: number }[];
}

/** Words go on across a change of marks, so it is the text between two nodes that is cut. */
function cut(
  inline: readonly JsonObject[],
  intern: (key: string) => number,
  table: MarkTable,
): readonly Token[] {
  const tokens: Token[] = [];
  let stretch: Stretch = { text: '', ends: [] };
  const flush = () => {
    if (stretch.text === '') return;
    cutStretch(stretch, intern, tokens);
    stretch = { text: '', ends: [] };
  };
  for (const node of inline) {
    if (isText(node)) {
      stretch.text += node.text as string;
      stretch.ends.push({ at: stretch.text.length, marks: table.idOf(node.marks) });
      continue;
    }
    flush();
    const { marks, ...atom } = node;
    tokens.push({ key: intern(keyOfAtom(node)), isWord: false, text: '', atom, marks: table.idOf(marks) });
  }
  flush();
  return tokens;
}

/** A space goes by the word before it: else the shortest script takes any space for any other. */
function cutStretch({ text, ends }: Stretch, intern: (key: string) => number, tokens: Token[]): void {
  let [at, end] = [0, 0];
  let before = '';
  for (const token of tokenise(text)) {
    const word = isWord(token);
    const isSpace = !word && token.trim() === '';
    const key = intern(isSpace ? `${token}\u0000${before}` : token);
    const to = at + token.length;
    while ((ends[end]?.at ?? to) <= at) end++;
    const marks = (ends[end]?.at ?? to) >= to ? (ends[end]?.marks ?? 0) : marksWithin(ends, end, at, to);
    tokens.push({ key, isWord: word, text: token, atom: undefined, marks });
    if (word) before = token;
    at = to;
  }
}

function marksWithin(ends: Stretch['ends'], first: number, from: number, to: number): readonly number[] {
  const units: number[] = [];
  for (let at = from, end = first; at < to; at++) {
    while ((ends[end]?.at ?? to) <= at) end++;
    units.push(ends[end]?.marks ?? 0);
  }
  return units;
}
