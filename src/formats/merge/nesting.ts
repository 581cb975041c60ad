import { boxesAround, type Shell, TOP } from './flat.ts';
import { type BoxTrace, matchBoxes } from './match-boxes.ts';
import { type Matches, NOWHERE, type SideMatch } from './match-side.ts';
import { mergeShells, mergeValue, type Note, sameShell } from './registers.ts';
import { startOf } from './stream.ts';

/** Where a block of the merge has its type, attributes and place from: a block of the base as merged, or one a side made. */
export interface Source {
  readonly of: 'base' | 'ours' | 'theirs';
  readonly block: number;
  /** A block of the base that this one was split from: it takes on what became of that. */
  readonly like?: number | undefined;
}

export interface MergedBox {
  readonly shell: Shell;
  readonly parent: number;
  /** A box of the base that one side deleted, or took its content out of. */
  readonly dead: boolean;
}

/** What stands in what, once both sides' changes are in. */
export interface Nesting {
  readonly boxes: readonly MergedBox[];
  readonly shellOf: (source: Source) => Shell;
  readonly parentOf: (source: Source) => number;
  /** The block of the base that a side's block is, or the side's own. */
  readonly sourceOf: (side: 'ours' | 'theirs', block: number) => Source;
}

/** Parents, types and attributes are registers: set by whoever changed them. */
export function mergeNesting(matches: Matches, note: Note): Nesting {
  const { traces, ofOurs, ofTheirs } = matchBoxes(matches);
  const numbers = { ours: ofOurs, theirs: ofTheirs };
  const boxes = mergeBoxes(matches, traces, numbers, note);
  const baseParents = matches.base.blocks.map((_, block) => blockParent(matches, block, numbers, note));
  const shells = matches.base.blocks.map((_, block) => blockShell(matches, block, note));
  const follow = {
    ours: parentsBesideSiblings(matches, 'ours', ofOurs, boxes, baseParents),
    theirs: parentsBesideSiblings(matches, 'theirs', ofTheirs, boxes, baseParents),
  };
  const shellOf = ({ of, block, like }: Source): Shell => {
    if (of === 'base') return shells[block] ?? EMPTY;
    const own = matches[of].flat.blocks[block]?.shell ?? EMPTY;
    const before = like === undefined ? undefined : sideBlock(matches, matches[of], like)?.shell;
    return like !== undefined && before !== undefined && sameShell(before, own) ? (shells[like] ?? own) : own;
  };
  return {
    boxes,
    shellOf,
    parentOf: ({ of, block }) => (of === 'base' ? baseParents[block] : follow[of][block]) ?? TOP,
    sourceOf: (side, block) => sourceOf(matches[side], matches, block),
  };
}

const EMPTY: Shell = { type: '', attrs: {}, extra: {} };

type Numbers = Readonly<Record<'ours' | 'theirs', readonly number[]>>;

function sourceOf(side: SideMatch, matches: Matches, block: number): Source {
  const start = side.toBase[startOf(side.stream, block)] ?? NOWHERE;
  if (start !== NOWHERE) return { of: 'base', block: matches.stream.blockOf[start] ?? 0 };
  return { of: side === matches.ours ? 'ours' : 'theirs', block };
}

/** What a block of the base is on a side, going by where it starts. */
function sideBlock({ stream }: Matches, side: SideMatch, block: number) {
  const start = side.toSide[startOf(stream, block)] ?? NOWHERE;
  return start === NOWHERE ? undefined : side.flat.blocks[side.stream.blockOf[start] ?? 0];
}

function mergeBoxes(
  matches: Matches,
  traces: readonly BoxTrace[],
  numbers: Numbers,
  note: Note,
): MergedBox[] {
  const at = (side: 'ours' | 'theirs', index: number | undefined) => {
    const box = index === undefined ? undefined : matches[side].flat.boxes[index];
    return box === undefined ? undefined : { shell: box.shell, parent: numberOf(numbers[side], box.parent) };
  };
  const boxes = traces.map((trace) => {
    const [ours, theirs] = [at('ours', trace.ours), at('theirs', trace.theirs)];
    const base = trace.base === undefined ? undefined : matches.base.boxes[trace.base];
    const dead = base !== undefined && (ours === undefined || theirs === undefined);
    if (base === undefined || ours === undefined || theirs === undefined) {
      return { ...(ours ?? theirs ?? base ?? { shell: EMPTY, parent: TOP }), dead };
    }
    const clash = () => note('both-moved');
    const parent = mergeValue(base.parent, ours.parent, theirs.parent, Object.is, clash);
    return { shell: mergeShells(base.shell, ours.shell, theirs.shell, note), parent, dead };
  });
  if (!hasCycle(boxes)) return boxes;
  // Each side put one box into the other: the parents of one side, which hold no circle, go for all.
  note('both-moved');
  return boxes.map((box, index) => {
    const trace = traces[index];
    const side = at('ours', trace?.ours) ?? at('theirs', trace?.theirs);
    return { ...box, parent: side?.parent ?? TOP };
  });
}

function numberOf(numbers: readonly number[], index: number): number {
  return index === TOP ? TOP : (numbers[index] ?? TOP);
}

function hasCycle(boxes: readonly MergedBox[]): boolean {
  const depth = new Map<number, boolean>();
  for (let box = 0; box < boxes.length; box++) {
    const path = new Set<number>();
    for (let at = box; at !== TOP && !depth.has(at); at = boxes[at]?.parent ?? TOP) {
      if (path.has(at)) return true;
      path.add(at);
    }
    for (const at of path) depth.set(at, true);
  }
  return false;
}

function blockParent(matches: Matches, block: number, numbers: Numbers, note: Note): number {
  const [ours, theirs] = [sideBlock(matches, matches.ours, block), sideBlock(matches, matches.theirs, block)];
  const base = matches.base.blocks[block]?.parent ?? TOP;
  const one = ours && numberOf(numbers.ours, ours.parent);
  const two = theirs && numberOf(numbers.theirs, theirs.parent);
  if (one === undefined || two === undefined) return one ?? two ?? base;
  return mergeValue(base, one, two, Object.is, () => note('both-moved'));
}

function blockShell(matches: Matches, block: number, note: Note): Shell {
  const [ours, theirs] = [sideBlock(matches, matches.ours, block), sideBlock(matches, matches.theirs, block)];
  const base = matches.base.blocks[block]?.shell ?? EMPTY;
  if (ours === undefined || theirs === undefined) return (ours ?? theirs)?.shell ?? base;
  return mergeShells(base, ours.shell, theirs.shell, note);
}

/**
 * The parent of each block that a side made, and of the boxes it made around it: where its neighbour was taken meanwhile, it
 * goes along. An item added to a list goes into whatever list the item before it is in now.
 */
function parentsBesideSiblings(
  matches: Matches,
  name: 'ours' | 'theirs',
  numbers: readonly number[],
  boxes: MergedBox[],
  baseParents: readonly number[],
): readonly number[] {
  const side = matches[name];
  /** By box of the side (or TOP): where the last child seen in it is in the merge. */
  const lastParent = new Map<number, number>();
  const seen = new Set<number>();
  const settle = (parent: number, merged: number | undefined): number => {
    const own = numberOf(numbers, parent);
    const beside = lastParent.get(parent) ?? own;
    const parentNow = merged ?? (boxes[own]?.dead === true || sameType(boxes, beside, own) ? beside : own);
    lastParent.set(parent, parentNow);
    return parentNow;
  };
  const visitBox = (index: number): void => {
    const box = side.flat.boxes[index];
    if (box === undefined || seen.has(index)) return;
    seen.add(index);
    visitBox(box.parent);
    const number = numberOf(numbers, index);
    const isNew = number >= matches.base.boxes.length;
    const parent = settle(box.parent, isNew ? undefined : boxes[number]?.parent);
    const merged = boxes[number];
    // What the neighbours were put into may by now stand in this very box.
    if (!isNew || merged === undefined || boxesAround(boxes, parent).includes(number)) return;
    boxes[number] = { ...merged, parent };
  };
  return side.flat.blocks.map(({ parent }, block) => {
    visitBox(parent);
    const source = sourceOf(side, matches, block);
    return settle(parent, source.of === 'base' ? baseParents[source.block] : undefined);
  });
}

function sameType(boxes: readonly MergedBox[], one: number, two: number): boolean {
  return one !== TOP && two !== TOP && boxes[one]?.shell.type === boxes[two]?.shell.type;
}
