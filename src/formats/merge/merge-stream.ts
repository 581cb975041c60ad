import { boxesAround } from './flat.ts';
import { inlineOf } from './inline-of.ts';
import type { Lexicon, Marks, Token } from './lexicon.ts';
import { type Matches, NOWHERE } from './match-side.ts';
import { type BlockWriter, createBlockWriter, type MergedBlock, type MergedToken } from './merged-block.ts';
import type { Nesting, Source } from './nesting.ts';
import { mergeObjects, type Note } from './registers.ts';
import { rewrites } from './rewrites.ts';
import { hasContent, hasEdge, type Insertions, insertionsOf, withoutTwins } from './side-items.ts';
import { endOf, isEnd, isStart, startOf, tokenAt } from './stream.ts';

type SideName = 'ours' | 'theirs';

interface Task {
  readonly matches: Matches;
  readonly nesting: Nesting;
  readonly lexicon: Lexicon;
  readonly mayRepeat: (block: number) => boolean;
  readonly note: Note;
  readonly inserted: Readonly<Record<SideName, Insertions>>;
  readonly writer: BlockWriter;
  /** The block of the base that is being written; what a side splits off from it is like it. */
  inside: number | undefined;
}

/**
 * The blocks of the merge: each item of the base that both sides kept, and at each gap what either inserted.
 * @param mayRepeat whether a second block like this one of the base may stand beside it
 */
export function mergeStream(
  matches: Matches,
  nesting: Nesting,
  order: readonly number[],
  lexicon: Lexicon,
  mayRepeat: (block: number) => boolean,
  note: Note,
): readonly MergedBlock[] {
  const inserted = { ours: insertionsOf(matches.ours), theirs: insertionsOf(matches.theirs) };
  const writer = createBlockWriter((source) => mayBeEmpty(matches, source));
  const task: Task = { matches, nesting, lexicon, mayRepeat, note, inserted, writer, inside: undefined };
  writeGap(task, NOWHERE);
  for (const block of order) writeBlock(task, block);
  return writer.finish();
}

/** A block that a side made and filled is gone with what filled it; one that it left empty stays. */
function mayBeEmpty(matches: Matches, { of, block }: Source): boolean {
  return of === 'base' || matches[of].flat.blocks[block]?.inline.length === 0;
}

function writeBlock(task: Task, block: number): void {
  const { stream, whole } = task.matches;
  if (whole.has(block)) writeWhole(task, block);
  else if (rewrites(task.matches, task.inserted, block)) writeVersions(task, block);
  else writeItems(task, block);
  task.inside = undefined;
  writeGap(task, endOf(stream, block));
}

function writeItems(task: Task, block: number): void {
  const { stream } = task.matches;
  const [start, end] = [startOf(stream, block), endOf(stream, block)];
  for (let at = start; at <= end; at++) {
    writeKept(task, at);
    task.inside = block;
    if (at < end) writeGap(task, at);
  }
}

/** A block whose text nobody changed: if one side at most changed its marks, that side's content as it is. */
function writeWhole(task: Task, block: number): void {
  const { matches, writer } = task;
  const base = matches.base.blocks[block];
  const inlineOn = (side: SideName) => {
    const at = matches[side].toSide[startOf(matches.stream, block)] ?? NOWHERE;
    return matches[side].flat.blocks[matches[side].stream.blockOf[at] ?? NOWHERE] ?? base;
  };
  const [ours, theirs] = [inlineOn('ours'), inlineOn('theirs')];
  if (base === undefined || ours === undefined || theirs === undefined) return;
  const [was, one, two] = [base, ours, theirs].map(({ inline }) => JSON.stringify(inline));
  if (one === was || one === two) writer.whole({ of: 'base', block }, theirs.inline);
  else if (two === was) writer.whole({ of: 'base', block }, ours.inline);
  else {
    const [tokens, others] = [task.lexicon.tokensOf(ours), task.lexicon.tokensOf(theirs)];
    const merged = task.lexicon.tokensOf(base).map((token, index) => {
      const marks = mergeMarks(task, token, tokens[index] ?? token, others[index] ?? token);
      return { token, marks };
    });
    writer.whole({ of: 'base', block }, inlineOf(merged, task.lexicon.marks));
  }
}

/** What both sides kept of the base is kept. */
function writeKept(task: Task, at: number): void {
  const { stream, ours, theirs } = task.matches;
  const [one, two] = [ours.toSide[at] ?? NOWHERE, theirs.toSide[at] ?? NOWHERE];
  if (one === NOWHERE || two === NOWHERE) return;
  const home: Source = { of: 'base', block: stream.blockOf[at] ?? 0 };
  if (isStart(stream, at)) task.writer.start(home);
  else if (isEnd(stream, at)) task.writer.end();
  else {
    const [token, oneToken, twoToken] = [
      tokenAt(stream, at),
      tokenAt(ours.stream, one),
      tokenAt(theirs.stream, two),
    ];
    if (token === undefined || oneToken === undefined || twoToken === undefined) return;
    task.writer.token(mergeToken(task, token, oneToken, twoToken, one, two), home);
  }
}

function mergeToken(
  task: Task,
  base: Token,
  one: Token,
  two: Token,
  ours: number,
  theirs: number,
): MergedToken {
  const marks = mergeMarks(task, base, one, two);
  if (base.atom === undefined || one.atom === undefined || two.atom === undefined) {
    return { token: base, marks, ours, theirs };
  }
  const { attrs: was = {}, ...rest } = base.atom;
  const { attrs: oneAttrs = {}, ...oneRest } = one.atom;
  const { attrs: twoAttrs = {}, ...twoRest } = two.atom;
  const atom = {
    ...mergeObjects(rest, oneRest, twoRest, task.note),
    attrs: mergeObjects(was as typeof rest, oneAttrs as typeof rest, twoAttrs as typeof rest, task.note),
  };
  return { token: { ...base, atom }, marks, ours, theirs };
}

/** Marks are merged a UTF-16 unit at a time where they change inside a word; the word is the same in all three. */
function mergeMarks({ lexicon, note }: Task, base: Token, ours: Token, theirs: Token): Marks {
  const { merge } = lexicon.marks;
  const [a, b, c] = [base.marks, ours.marks, theirs.marks];
  if (typeof a === 'number' && typeof b === 'number' && typeof c === 'number') return merge(a, b, c, note);
  const unit = (marks: Marks, at: number) => (typeof marks === 'number' ? marks : (marks[at] ?? 0));
  return Array.from(base.text.split(''), (_, at) => merge(unit(a, at), unit(b, at), unit(c, at), note));
}

/** Both sides' insertions after an item of the base: of equal ones one, of others both, text before new blocks. */
function writeGap(task: Task, at: number): void {
  const { matches, inserted } = task;
  const { ours, theirs } = matches;
  const one = inserted.ours.get(at) ?? [];
  const all = inserted.theirs.get(at) ?? [];
  const two = withoutTwins(theirs, all, ours, one);
  if (hasContent(theirs, two) && hasContent(ours, withoutTwins(ours, one, theirs, all)))
    task.note('same-gap');
  if (one.length > 0 && two.length > 0 && theirsFirst(task, at, one, two)) {
    writeInserted(task, 'theirs', two);
    writeInserted(task, 'ours', one);
  } else {
    writeInserted(task, 'ours', one);
    writeInserted(task, 'theirs', two);
  }
}

/** Inside a block, text comes before a split; between blocks, what stands deeper in the boxes of the block before. */
function theirsFirst(task: Task, at: number, one: readonly number[], two: readonly number[]): boolean {
  const { matches, nesting } = task;
  if (at === NOWHERE || !isEnd(matches.stream, at)) {
    return hasEdge(matches.ours, one) && !hasEdge(matches.theirs, two);
  }
  const block = matches.stream.blockOf[at] ?? 0;
  const around = boxesAround(nesting.boxes, nesting.parentOf({ of: 'base', block }));
  const shared = (side: SideName, items: readonly number[]) => {
    const first = nesting.sourceOf(side, matches[side].stream.blockOf[items[0] ?? 0] ?? 0);
    const inside = new Set(boxesAround(nesting.boxes, nesting.parentOf(first)));
    return around.filter((box) => inside.has(box)).length;
  };
  return shared('theirs', two) > shared('ours', one);
}

function writeInserted(task: Task, side: SideName, items: readonly number[]): void {
  const { stream } = task.matches[side];
  for (const at of items) {
    const block = stream.blockOf[at] ?? 0;
    if (isStart(stream, at)) task.writer.start({ of: side, block, like: task.inside });
    else if (isEnd(stream, at)) task.writer.end();
    else if (!isTakenOut(task.matches, side, at)) writeNewToken(task, side, at, block);
  }
}

/** Words that a side put elsewhere are still the base's: the other side may have deleted them, or moved them as well. */
function isTakenOut({ ours, theirs }: Matches, side: SideName, at: number): boolean {
  const base = (side === 'ours' ? ours : theirs).echoes.get(at);
  if (base === undefined) return false;
  if (side === 'theirs') return ours.echoed.has(base) || ours.toSide[base] === NOWHERE;
  return theirs.toSide[base] === NOWHERE && !theirs.echoed.has(base);
}

function writeNewToken(task: Task, side: SideName, at: number, block: number): void {
  const token = tokenAt(task.matches[side].stream, at);
  if (token === undefined) return;
  const [ours, theirs] = side === 'ours' ? [at, NOWHERE] : [NOWHERE, at];
  task.writer.token({ token, marks: token.marks, ours, theirs }, task.nesting.sourceOf(side, block));
}

/**
 * Both rewrote it: ours with what both kept, then what is new in theirs, in a block of its own; where none may stand, as of
 * a title, at the end of that one.
 */
function writeVersions(task: Task, block: number): void {
  const { matches, writer } = task;
  const [start, end] = [startOf(matches.stream, block), endOf(matches.stream, block)];
  const theirs: number[] = [];
  for (let at = start; at < end; at++) {
    writeKept(task, at);
    task.inside = block;
    const ours = task.inserted.ours.get(at) ?? [];
    writeInserted(task, 'ours', ours);
    theirs.push(...withoutTwins(matches.theirs, task.inserted.theirs.get(at) ?? [], matches.ours, ours));
  }
  if (hasContent(matches.theirs, theirs)) {
    task.note('both-rewrote');
    const { toSide, stream } = matches.theirs;
    const second = stream.blockOf[toSide[start] ?? 0] ?? 0;
    if (task.mayRepeat(block)) writer.start({ of: 'theirs', block: second, like: block });
    writeInserted(task, 'theirs', theirs);
  }
  writeKept(task, end);
}
