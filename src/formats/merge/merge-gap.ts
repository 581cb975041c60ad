import type { Changes } from './text-changes.ts';
import { countWords, isWordy, type Token } from './text-tokens.ts';

/** What the two sides inserted in one gap, in the order of the result, each word once. */
export interface Gap {
  readonly ours: readonly Token[];
  readonly theirs: readonly Token[];
  readonly theirsFirst: boolean;
  /** Both wrote here, not the same, and neither says where the other belongs. */
  readonly clash: boolean;
}

/** Words with which two insertions begin alike that are no coincidence: one side has seen the other's. */
const SHARED_START = 5;

const NOTHING: readonly Token[] = [];

/**
 * The insertions of both sides before one token of the base. What both inserted alike stands once: the same words come
 * by both paths when a reply was lost and the client saved again, having typed on. So where one insertion begins or
 * ends with the whole of the other, it is the longer one.
 */
export function gapOf(base: readonly Token[], index: number, one: Changes, two: Changes): Gap {
  const [ours, theirs] = onceEach(one.inserted.get(index) ?? NOTHING, two.inserted.get(index) ?? NOTHING);
  if (ours.length === 0 || theirs.length === 0) return { ours, theirs, theirsFirst: false, clash: false };
  const preference = preferenceOf(base, index, [one, ours], [two, theirs]);
  return {
    ours,
    theirs,
    theirsFirst: preference > 0,
    clash: preference === 0 && ours.some(isContent) && theirs.some(isContent),
  };
}

/**
 * Below zero if ours has to come first, above if theirs: new lines stay outside the line that the other side typed in,
 * and what was inserted before a word stands before what replaced the word.
 */
function preferenceOf(
  base: readonly Token[],
  index: number,
  [one, ours]: readonly [Changes, readonly Token[]],
  [two, theirs]: readonly [Changes, readonly Token[]],
): number {
  const atLineStart = index === 0 || base[index - 1]?.kind === 'newline';
  const atLineEnd = index === base.length || base[index]?.kind === 'newline';
  const isLines = (tokens: readonly Token[]) => atLineStart && tokens.at(-1)?.kind === 'newline';
  const isAfter = (tokens: readonly Token[]) => atLineEnd && tokens[0]?.kind === 'newline';
  return (
    Number(isLines(theirs)) - Number(isLines(ours)) ||
    Number(isAfter(ours)) - Number(isAfter(theirs)) ||
    Number(replaces(one, index)) - Number(replaces(two, index))
  );
}

function replaces({ kept }: Changes, index: number): boolean {
  return index < kept.length && (kept[index] ?? -1) < 0;
}

function onceEach(
  ours: readonly Token[],
  theirs: readonly Token[],
): readonly [ours: readonly Token[], theirs: readonly Token[]] {
  if (ours.length === 0 || theirs.length === 0) return [ours, theirs];
  if (holds(ours, theirs)) return [ours, NOTHING];
  if (holds(theirs, ours)) return [NOTHING, theirs];
  const shared = commonStart(ours, theirs);
  return countWords(ours.slice(0, shared)) < SHARED_START ? [ours, theirs] : [ours, theirs.slice(shared)];
}

function holds(long: readonly Token[], short: readonly Token[]): boolean {
  if (long.length < short.length) return false;
  const last = long.length - short.length;
  return (
    commonStart(long, short) === short.length ||
    short.every((token, index) => token.id === long[last + index]?.id)
  );
}

function commonStart(one: readonly Token[], two: readonly Token[]): number {
  let length = 0;
  while (length < one.length && length < two.length && one[length]?.id === two[length]?.id) length++;
  return length;
}

/** More than white space. */
export function isContent(token: Token): boolean {
  return token.kind === 'mark' || isWordy(token);
}
