import type { MergeReason } from './merge.ts';
import { mergeFormats } from './merge-formats.ts';
import { type Gap, gapOf, isContent } from './merge-gap.ts';
import type { Changes } from './text-changes.ts';
import {
  bothRewrote,
  isDeleted,
  linesToRestore,
  type Sides,
  type Stretch,
  stretchesOf,
  touches,
} from './text-stretches.ts';
import { isWordy, madeToken, type Token } from './text-tokens.ts';
import { createTokenWriter, type TokenWriter } from './token-writer.ts';

type Note = (reason: MergeReason) => void;

interface Task extends Sides {
  readonly restored: ReadonlySet<number>;
  readonly writer: TokenWriter;
  readonly note: Note;
}

/**
 * The three-way merge of tokens. A token of the base stays if both sides kept it, its formats three-way registers; all
 * that either side inserted is there, what both inserted alike once.
 *
 * Words that one side typed into a line which the other deleted keep a line of their own. Where both rewrote a line by
 * more than half, their words stand version after version, ours first, and not one through the other; the words that
 * both kept stay between them. The words of each side keep their order: the result is merged again with what a stale
 * client goes on showing, and a word that changed places would look deleted there and written here.
 */
export function mergeTokens(sides: Sides, note: Note): readonly Token[] {
  const task = { ...sides, note, restored: linesToRestore(sides), writer: createTokenWriter() };
  const { base, ours, theirs, writer } = task;
  for (const stretch of stretchesOf(sides)) {
    if (touches(base, ours, stretch) && touches(base, theirs, stretch)) note('same-block');
    if (bothRewrote(sides, stretch)) writeVersions(task, stretch);
    else writeThrough(task, stretch);
    writer.push(...keptAt(task, stretch.to));
  }
  return writer.tokens;
}

function writeThrough(task: Task, { from, to }: Stretch): void {
  const { writer } = task;
  for (let index = from; index <= to; index++) {
    const { ours, theirs, theirsFirst } = gapAt(task, index);
    const [first, second] = theirsFirst ? [theirs, ours] : [ours, theirs];
    writer.push(...first);
    if (first.length > 0 && second.length > 0) writer.seam();
    writer.push(...second);
    if (index < to) writer.push(...keptAt(task, index));
  }
}

function writeVersions(task: Task, { from, to }: Stretch): void {
  const { base, ours, theirs, writer, note } = task;
  let version: Token[] = [];
  let whole = true;
  const endVersion = (separator: readonly Token[]) => {
    const words = trimmed(version);
    version = [];
    if (words.length === 0) return;
    note('both-rewrote');
    writer.seam();
    writer.push(...separator, ...words);
  };
  for (let index = from; index <= to; index++) {
    const gap = gapOf(base, index, ours, theirs);
    // What both wrote stands in ours, also where theirs has more of it.
    const shared = gap.ours.length === 0 && ours.inserted.has(index);
    writer.push(...(shared ? gap.theirs : gap.ours));
    if (!shared) version.push(...gap.theirs);
    const kept = index < to ? keptAt(task, index) : [];
    if (kept.some(isWordy)) {
      whole = false;
      endVersion([]);
    }
    writer.push(...kept);
  }
  const end = theirs.tokens[theirs.kept[to] ?? -1];
  endVersion(whole ? [madeToken('newline', end?.pieces), ...leadOf(theirs, from)] : []);
}

/** The gap, noting what a person should look at. */
function gapAt(task: Task, index: number): Gap {
  const { base, ours, theirs, note } = task;
  const gap = gapOf(base, index, ours, theirs);
  if (gap.clash) note('same-gap');
  if (isInDeleted(task, gap.ours, ours, theirs, index)) note('edit-in-deleted');
  if (isInDeleted(task, gap.theirs, theirs, ours, index)) note('edit-in-deleted');
  return gap;
}

/** Did one side write inside, or in the place of, what the other deleted without writing there itself? */
function isInDeleted(
  { restored }: Task,
  inserted: readonly Token[],
  typing: Changes,
  deleting: Changes,
  index: number,
): boolean {
  if (!inserted.some(isWordy) || deleting.inserted.has(index)) return false;
  if (!isDeleted(deleting, index)) return restored.has(index) || restored.has(index - 1);
  return isDeleted(deleting, index - 1) || isDeleted(typing, index) || restored.has(index);
}

/** What becomes of a token of the base. */
function keptAt({ base, ours, theirs, restored, note }: Task, index: number): readonly Token[] {
  const token = base[index];
  if (token === undefined) return [];
  const one = ours.tokens[ours.kept[index] ?? -1];
  const two = theirs.tokens[theirs.kept[index] ?? -1];
  if (token.kind === 'embed') return embedOf(token, one, two, note);
  if (one !== undefined && two !== undefined) return [mergeFormats(token, one, two, note)];
  return restored.has(index) ? [one ?? two ?? token] : [];
}

/** A changed embed outlasts its deletion, and where both changed it to something else both are there. */
function embedOf(base: Token, one: Token | undefined, two: Token | undefined, note: Note): readonly Token[] {
  const changed = ({ id }: Token) => id !== base.id;
  if (one === undefined || two === undefined) {
    const left = one ?? two;
    if (left === undefined || !changed(left)) return [];
    note('edit-in-deleted');
    return [left];
  }
  const merged = mergeFormats(base, one, two, note);
  if (!changed(two)) return [merged];
  if (!changed(one)) return [{ ...two, pieces: merged.pieces }];
  if (one.id === two.id) return [merged];
  note('attribute-clash');
  return [merged, two];
}

/** What a version begins with before its first word, such as the dash of a list item, so that it is one as well. */
function leadOf({ tokens, kept }: Changes, from: number): readonly Token[] {
  const start = kept[from] ?? -1;
  if (start < 0) return [];
  const line = tokens.slice(start);
  const length = line.findIndex(({ kind }) => kind !== 'space' && kind !== 'mark');
  return length < 0 ? line : line.slice(0, length);
}

function trimmed(tokens: readonly Token[]): readonly Token[] {
  const from = tokens.findIndex(isContent);
  const to = tokens.findLastIndex(isContent);
  return from < 0 ? [] : tokens.slice(from, to + 1);
}
