import { type Matches, NOWHERE, type SideMatch } from './match-side.ts';
import type { MergedToken } from './merged-block.ts';
import { isEnd, isStart } from './stream.ts';
import { wantsSpaceBetween } from './words.ts';

/**
 * Mends the spaces where the two sides meet: words that stood apart on each side are kept apart, and a space that a
 * deleted word left behind goes. What stood together on either side stays as it was there.
 */
export function mendSpaces(tokens: readonly MergedToken[], matches: Matches): readonly MergedToken[] {
  const mended: MergedToken[] = [];
  for (const item of tokens) {
    const before = mended.at(-1);
    if (before === undefined) {
      if (!isLooseSpace(item, matches, 'first')) mended.push(item);
    } else if (stoodTogether(before, item)) mended.push(item);
    else if (wantsSpaceBetween(before.token.text, item.token.text)) mended.push(spaceLike(before), item);
    else if (!(isSpace(item) && isBlank(before)) && !(isBlank(item) && isSpace(before))) mended.push(item);
    else if (isSpace(before)) mended[mended.length - 1] = item;
  }
  const last = mended.at(-1);
  if (last !== undefined && mended.length > 1 && isLooseSpace(last, matches, 'last')) mended.pop();
  return mended;
}

function stoodTogether(one: MergedToken, two: MergedToken): boolean {
  return (
    (one.ours !== NOWHERE && two.ours === one.ours + 1) ||
    (one.theirs !== NOWHERE && two.theirs === one.theirs + 1)
  );
}

function isSpace({ token }: MergedToken): boolean {
  return token.text === ' ';
}

function isBlank({ token }: MergedToken): boolean {
  return token.atom === undefined && token.text.trim() === '';
}

/** A space at the edge of a block that stood at no edge before. */
function isLooseSpace(item: MergedToken, { ours, theirs }: Matches, edge: 'first' | 'last'): boolean {
  const atEdge = ({ stream }: SideMatch, at: number) =>
    at !== NOWHERE && (edge === 'first' ? isStart(stream, at - 1) : isEnd(stream, at + 1));
  return isSpace(item) && !atEdge(ours, item.ours) && !atEdge(theirs, item.theirs);
}

/** A space of its own, with the marks of the word before it. */
function spaceLike(before: MergedToken): MergedToken {
  const marks = typeof before.marks === 'number' ? before.marks : 0;
  const token = { key: NOWHERE, isWord: false, text: ' ', atom: undefined, marks };
  return { token, marks, ours: NOWHERE, theirs: NOWHERE };
}
