import { align } from '../align.ts';
import type { JsonObject } from '../json.ts';
import { createInterner, type Interner } from '../tokens.ts';
import { isWordy, type Token } from './text-tokens.ts';

/** What one side did to the tokens of the base. */
export interface Changes {
  readonly tokens: readonly Token[];
  /** For each token of the base, where the side has it, or -1 if the side deleted it. */
  readonly kept: Int32Array;
  /**
   * What the side inserted, by the gap: gap `g` is before the `g`-th token of the base. What replaces tokens stands in
   * the gap before the first of them.
   */
  readonly inserted: ReadonlyMap<number, readonly Token[]>;
}

interface Keyed {
  readonly tokens: readonly Token[];
  readonly keys: readonly number[];
  /** Where each line starts, and the end of the last one; a line's own end belongs to it. */
  readonly lines: readonly number[];
  readonly lineKeys: readonly number[];
}

/**
 * Compares a side with the base: whole lines first, so that a deleted line is that line and not the end of one and the
 * start of the next; then the tokens of the lines that differ.
 */
export function compareTexts(before: readonly Token[], after: readonly Token[]): Changes {
  const intern = createInterner();
  return changesOf(keyed(before, intern), keyed(after, intern));
}

function changesOf(base: Keyed, side: Keyed): Changes {
  const kept = new Int32Array(base.tokens.length).fill(-1);
  let [baseLine, sideLine] = [0, 0];
  for (const match of [...align(base.lineKeys, side.lineKeys), endOf(base, side)]) {
    const [from, to] = [base.lines[baseLine] ?? 0, base.lines[match.a] ?? 0];
    const [sideFrom, sideTo] = [side.lines[sideLine] ?? 0, side.lines[match.b] ?? 0];
    keepCommon(base, side, kept, [from, to, sideFrom, sideTo]);
    baseLine = match.a + match.length;
    sideLine = match.b + match.length;
    const length = (base.lines[baseLine] ?? 0) - to;
    for (let index = 0; index < length; index++) kept[to + index] = sideTo + index;
  }
  pairEmbeds(base, side, kept);
  return { tokens: side.tokens, kept, inserted: insertionsOf(side.tokens, kept) };
}

function endOf(base: Keyed, side: Keyed): { a: number; b: number; length: number } {
  return { a: base.lineKeys.length, b: side.lineKeys.length, length: 0 };
}

type Region = readonly [from: number, to: number, sideFrom: number, sideTo: number];

/**
 * Words first, then what stands between two of them: an end of line that was found again must not make a word that stands
 * on the other side of it now look as if it was deleted and written anew.
 */
function keepCommon(base: Keyed, side: Keyed, kept: Int32Array, region: Region): void {
  let [at, sideAt] = [region[0], region[2]];
  for (const [index, sideIndex] of commonWords(base, side, region)) {
    keepAligned(base, side, kept, [at, index, sideAt, sideIndex]);
    kept[index] = sideIndex;
    [at, sideAt] = [index + 1, sideIndex + 1];
  }
  keepAligned(base, side, kept, [at, region[1], sideAt, region[3]]);
}

function* commonWords(
  base: Keyed,
  side: Keyed,
  [from, to, sideFrom, sideTo]: Region,
): Iterable<[index: number, sideIndex: number]> {
  const words = wordsBetween(base, from, to);
  const sideWords = wordsBetween(side, sideFrom, sideTo);
  const keys = words.map((index) => base.keys[index] ?? 0);
  const sideKeys = sideWords.map((index) => side.keys[index] ?? 0);
  for (const { a, b, length } of align(keys, sideKeys)) {
    for (let step = 0; step < length; step++) yield [words[a + step] ?? 0, sideWords[b + step] ?? 0];
  }
}

function wordsBetween({ tokens }: Keyed, from: number, to: number): readonly number[] {
  const words: number[] = [];
  for (let index = from; index < to; index++) {
    const token = tokens[index];
    if (token !== undefined && isWordy(token)) words.push(index);
  }
  return words;
}

function keepAligned(base: Keyed, side: Keyed, kept: Int32Array, region: Region): void {
  const [from, to, sideFrom, sideTo] = region;
  if (from === to || sideFrom === sideTo) return;
  for (const { a, b, length } of align(base.keys.slice(from, to), side.keys.slice(sideFrom, sideTo))) {
    for (let index = 0; index < length; index++) kept[from + a + index] = sideFrom + b + index;
  }
}

function insertionsOf(tokens: readonly Token[], kept: Int32Array): ReadonlyMap<number, readonly Token[]> {
  const inserted = new Map<number, readonly Token[]>();
  for (const [from, , sideFrom, sideTo] of hunksOf(tokens.length, kept)) {
    if (sideFrom < sideTo) inserted.set(from, tokens.slice(sideFrom, sideTo));
  }
  return inserted;
}

/** The stretches between kept tokens that are not empty on both sides. */
function* hunksOf(sideLength: number, kept: Int32Array): Iterable<Region> {
  let [from, sideFrom] = [0, 0];
  for (let index = 0; index <= kept.length; index++) {
    const at = index < kept.length ? (kept[index] ?? -1) : sideLength;
    if (at < 0) continue;
    if (from < index || sideFrom < at) yield [from, index, sideFrom, at];
    from = index + 1;
    sideFrom = at + 1;
  }
}

/**
 * An embed whose value changed is still that embed, so that its formats and the other side's change find it: in a
 * stretch that has as many embeds of a type before as after, they are the same ones.
 */
function pairEmbeds(base: Keyed, side: Keyed, kept: Int32Array): void {
  for (const [from, to, sideFrom, sideTo] of [...hunksOf(side.tokens.length, kept)]) {
    const before = embedsIn(base.tokens, from, to);
    const after = embedsIn(side.tokens, sideFrom, sideTo);
    const same = before.length === after.length && before.every(({ type }, at) => type === after[at]?.type);
    if (!same) continue;
    before.forEach(({ index }, at) => {
      kept[index] = after[at]?.index ?? -1;
    });
  }
}

function embedsIn(tokens: readonly Token[], from: number, to: number): { type: string; index: number }[] {
  const embeds: { type: string; index: number }[] = [];
  for (let index = from; index < to; index++) {
    const token = tokens[index];
    if (token?.kind === 'embed') {
      embeds.push({ type: Object.keys(token.insert as JsonObject).join(), index });
    }
  }
  return embeds;
}

/**
 * Ids are below 2^26, more than the longest document has characters, so that two of them make one number.
 *
 * A space goes by the token before it, and a line without words by the line before it: else those of one place would be
 * taken for those of another, and cut the words between them out of their order.
 */
function keyed(tokens: readonly Token[], intern: Interner): Keyed {
  const keys: number[] = [];
  const lines = [0];
  const lineKeys: number[] = [];
  let before = 0;
  let line = '';
  let hasWords = false;
  let lineBefore = -1;
  const endLine = (at: number) => {
    lineBefore = intern(hasWords ? line : `${line} after ${lineBefore}`);
    lineKeys.push(lineBefore);
    lines.push(at);
    line = '';
    hasWords = false;
  };
  for (const [index, token] of tokens.entries()) {
    const { id, kind } = token;
    keys.push(kind === 'space' ? (before + 1) * 2 ** 26 + id : id);
    before = id;
    line += `${id} `;
    hasWords ||= isWordy(token);
    if (kind === 'newline') endLine(index + 1);
  }
  if (line !== '') endLine(tokens.length);
  return { tokens, keys, lines, lineKeys };
}
