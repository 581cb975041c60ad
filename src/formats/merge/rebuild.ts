import type { JsonObject } from '../json.ts';
import { boxesAround, nodeOf, type Shell, TOP } from './flat.ts';
import { inlineOf } from './inline-of.ts';
import { typeOf } from './kinds.ts';
import type { Lexicon } from './lexicon.ts';
import type { Matches } from './match-side.ts';
import type { MergedBlock } from './merged-block.ts';
import type { MergedBox, Nesting } from './nesting.ts';
import { placeOf } from './placing.ts';
import type { Note } from './registers.ts';
import { mendSpaces } from './spacing.ts';
import type { Structure } from './structure.ts';

/** A node that is being filled. */
interface Open {
  /** Number of the box, or TOP. */
  readonly box: number;
  readonly shell: Shell;
  readonly content: JsonObject[];
}

/** Puts the blocks of the merge back into their boxes. A box that something else stands in the middle of becomes two. */
export function rebuild(
  blocks: readonly MergedBlock[],
  top: Shell,
  matches: Matches,
  nesting: Nesting,
  structure: Structure,
  lexicon: Lexicon,
  note: Note,
): JsonObject {
  const open: Open[] = [{ box: TOP, shell: top, content: [] }];
  let before = TOP;
  for (const block of blocks) {
    const inline =
      'whole' in block.content
        ? block.content.whole
        : inlineOf(mendSpaces(block.content, matches), lexicon.marks);
    const parent = homeOf(nesting, before, block, top.type, structure, note);
    before = parent;
    const boxes = [...boxesAround(nesting.boxes, parent)].reverse();
    const place = placeOf(boxes, nesting, block.source, inline, top, matches, structure);
    closeTo(open, commonPrefix(open, place.boxes), structure);
    for (const { box, shell } of place.boxes.slice(open.length - 1)) open.push({ box, shell, content: [] });
    open.at(-1)?.content.push(nodeOf(place.shell, fittingMarks(place.shell, inline, structure)));
  }
  closeTo(open, 1, structure);
  return nodeOf(top, begun(open[0]?.content ?? [], top.type, structure));
}

/** How many of the open nodes, the top one included, the next block stands in as well. */
function commonPrefix(open: readonly Open[], boxes: readonly { box: number; shell: Shell }[]): number {
  let depth = 1;
  while (depth < open.length) {
    const [one, two] = [open[depth], boxes[depth - 1]];
    if (one === undefined || two === undefined) break;
    if (one.box !== two.box || one.shell.type !== two.shell.type) break;
    depth++;
  }
  return depth;
}

function closeTo(open: Open[], depth: number, structure: Structure): void {
  while (open.length > depth) {
    const closed = open.pop();
    if (closed === undefined) return;
    const content = begun(closed.content, closed.shell.type, structure);
    open.at(-1)?.content.push(nodeOf(closed.shell, content));
  }
}

/** A node that never begins as this one would gets an empty block to begin with: an item with nothing but a list in it. */
function begun(content: readonly JsonObject[], type: string, structure: Structure): readonly JsonObject[] {
  const first = content[0];
  if (first !== undefined && structure.beginsWith(type, typeOf(first))) return content;
  const filler = structure.filler(type);
  return filler === undefined ? content : [{ type: filler }, ...content];
}

/** Code holds no marks in most schemas: what one side made bold while the other made it code is code. */
function fittingMarks(
  shell: Shell,
  inline: readonly JsonObject[],
  structure: Structure,
): readonly JsonObject[] {
  if (!/code/i.test(shell.type) || structure.holdsMarks(shell.type)) return inline;
  return inline.map(({ marks, ...node }) => node as JsonObject);
}

const PART_OF_TABLE = /table|row/i;

/**
 * The box for a block whose own box the other side deleted: in a table the cell before it, else what is left around it, so
 * that text typed into a deleted table stands in a paragraph of its own.
 */
function homeOf(
  { boxes, parentOf, shellOf }: Nesting,
  before: number,
  block: MergedBlock,
  top: string,
  structure: Structure,
  note: Note,
): number {
  const parent = parentOf(block.source);
  if (!isDead(boxes, parent)) return parent;
  note('edit-in-deleted');
  let [alive, levels] = [parent, 0];
  for (; isDead(boxes, alive); levels++) alive = boxes[alive]?.parent ?? TOP;
  const typeAt = (box: number) => (box === TOP ? top : (boxes[box]?.shell.type ?? top));
  if (alive !== TOP && PART_OF_TABLE.test(typeAt(alive))) {
    if (boxesAround(boxes, before).includes(alive)) return before;
    while (alive !== TOP && PART_OF_TABLE.test(typeAt(alive))) alive = boxes[alive]?.parent ?? TOP;
    return alive;
  }
  if (levels === 1 || !structure.allows(typeAt(alive), shellOf(block.source).type)) return parent;
  return block.rescued ? alive : parent;
}

function isDead(boxes: readonly MergedBox[], box: number): boolean {
  return box !== TOP && boxes[box]?.dead === true;
}
