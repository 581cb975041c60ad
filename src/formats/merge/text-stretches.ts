import type { Changes } from './text-changes.ts';
import { isWordy, type Token } from './text-tokens.ts';

/** What a merge of texts works on. An index is one into `base`; the gap of that number is before that token. */
export interface Sides {
  readonly base: readonly Token[];
  readonly ours: Changes;
  readonly theirs: Changes;
}

/** Lines of the base between two ends of line that both sides kept; the gaps `from` to `to` are its own. */
export interface Stretch {
  readonly from: number;
  /** The end of line that ends it, or the end of the text. */
  readonly to: number;
}

export function stretchesOf({ base, ours, theirs }: Sides): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let from = 0;
  for (const [index, { kind }] of base.entries()) {
    if (kind !== 'newline' || isDeleted(ours, index) || isDeleted(theirs, index)) continue;
    stretches.push({ from, to: index });
    from = index + 1;
  }
  stretches.push({ from, to: base.length });
  return stretches;
}

export function isDeleted({ kept }: Changes, index: number): boolean {
  return index >= 0 && index < kept.length && (kept[index] ?? -1) < 0;
}

/** Did the side change this stretch? New lines before or after it do not. */
export function touches(base: readonly Token[], side: Changes, { from, to }: Stretch): boolean {
  for (let index = from; index <= to; index++) {
    if (index < to && (isDeleted(side, index) || isReformatted(base, side, index))) return true;
    const inserted = side.inserted.get(index);
    if (inserted === undefined) continue;
    const before = index === from && inserted.at(-1)?.kind === 'newline';
    const after = index === to && inserted[0]?.kind === 'newline';
    if (!before && !after) return true;
  }
  return to < base.length && isReformatted(base, side, to);
}

function isReformatted(base: readonly Token[], side: Changes, index: number): boolean {
  const [before, after] = [base[index], side.tokens[side.kept[index] ?? -1]];
  if (before?.pieces === undefined && after?.pieces === undefined) return false;
  return JSON.stringify(before?.pieces) !== JSON.stringify(after?.pieces);
}

/** Did both put other words in the place of more than half of the words? */
export function bothRewrote({ base, ours, theirs }: Sides, stretch: Stretch): boolean {
  return rewrote(base, ours, stretch) && rewrote(base, theirs, stretch);
}

function rewrote(base: readonly Token[], side: Changes, { from, to }: Stretch): boolean {
  let [words, gone, written] = [0, 0, 0];
  for (let index = from; index <= to; index++) {
    const token = base[index];
    if (index < to && token !== undefined && isWordy(token)) {
      words++;
      if (isDeleted(side, index)) gone++;
    }
    written += side.inserted.get(index)?.filter(isWordy).length ?? 0;
  }
  return gone * 2 > words && written > 0;
}

/**
 * Ends of line that one side deleted with their line, while the other typed into it: they come back, so that what was
 * typed has a line of its own and does not run into the next.
 */
export function linesToRestore(sides: Sides): ReadonlySet<number> {
  const restored = new Set<number>();
  const { base, ours, theirs } = sides;
  let from = 0;
  for (let to = 0; to <= base.length; to++) {
    if (to < base.length && base[to]?.kind !== 'newline') continue;
    restoreLine(base, ours, theirs, { from, to }, restored);
    restoreLine(base, theirs, ours, { from, to }, restored);
    from = to + 1;
  }
  return restored;
}

function restoreLine(
  base: readonly Token[],
  deleting: Changes,
  typing: Changes,
  line: Stretch,
  restored: Set<number>,
): void {
  const { from, to } = line;
  const [endGone, startGone] = [isDeleted(deleting, to), isDeleted(deleting, from - 1)];
  if (!endGone && !startGone) return;
  if (!deletedWords(base, deleting, line) || !typedIn(typing, line)) return;
  if (endGone && !isDeleted(typing, to)) restored.add(to);
  if (startGone && !isDeleted(typing, from - 1) && keptOfLineBefore(base, deleting, from - 1))
    restored.add(from - 1);
}

/** Does the line have words, and did the side delete them all? */
function deletedWords(base: readonly Token[], side: Changes, { from, to }: Stretch): boolean {
  let words = 0;
  for (let index = from; index < to; index++) {
    const token = base[index];
    if (token === undefined || !isWordy(token)) continue;
    if (!isDeleted(side, index)) return false;
    words++;
  }
  return words > 0;
}

function typedIn(side: Changes, { from, to }: Stretch): boolean {
  for (let gap = from; gap <= to; gap++) if (side.inserted.get(gap)?.some(isWordy)) return true;
  return false;
}

function keptOfLineBefore(base: readonly Token[], side: Changes, end: number): boolean {
  for (let index = end - 1; index >= 0 && base[index]?.kind !== 'newline'; index--) {
    const token = base[index];
    if (token !== undefined && isWordy(token) && !isDeleted(side, index)) return true;
  }
  return false;
}
