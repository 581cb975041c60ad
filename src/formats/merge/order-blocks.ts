import { type Matches, NOWHERE, type SideMatch } from './match-side.ts';
import type { Note } from './registers.ts';
import { startOf } from './stream.ts';

/** The blocks of the base in the order of the merge: a block that a side moved stands after what it put it after. */
export function orderBlocks(matches: Matches, note: Note): readonly number[] {
  const count = matches.base.blocks.length;
  const order = createOrder(count);
  const [ours, theirs] = [movesOf(matches, matches.ours), movesOf(matches, matches.theirs)];
  for (const [block, anchor] of ours) order.moveAfter(block, anchor);
  for (const [block, anchor] of theirs) {
    const other = ours.get(block);
    if (other === undefined) order.moveAfter(block, anchor);
    else if (other !== anchor) note('both-moved');
  }
  return order.list();
}

/** Each moved block with the block of the base that comes before it on that side, in the order of the side. */
function movesOf({ stream }: Matches, side: SideMatch): ReadonlyMap<number, number> {
  const moves = new Map<number, number>();
  for (const pair of [...side.moved].sort((one, two) => one.side - two.side)) {
    let at = startOf(side.stream, pair.side) - 1;
    while (at >= 0 && side.toBase[at] === NOWHERE) at--;
    const before = at < 0 ? NOWHERE : (stream.blockOf[side.toBase[at] ?? 0] ?? NOWHERE);
    moves.set(pair.base, before);
  }
  return moves;
}

/** A list in which moving takes one step, whatever its length. */
function createOrder(count: number) {
  // Place 0 is the start; block n has place n + 1.
  const next = Array.from({ length: count + 1 }, (_, place) => place + 1);
  const previous = Array.from({ length: count + 2 }, (_, place) => place - 1);
  const join = (one: number, two: number) => {
    next[one] = two;
    previous[two] = one;
  };
  const moveAfter = (block: number, anchor: number) => {
    const [place, after] = [block + 1, anchor + 1];
    if (place === after) return;
    join(previous[place] ?? 0, next[place] ?? 0);
    const following = next[after] ?? 0;
    join(after, place);
    join(place, following);
  };
  const list = () => {
    const blocks: number[] = [];
    for (let place = next[0] ?? 0; place <= count; place = next[place] ?? count + 1) blocks.push(place - 1);
    return blocks;
  };
  return { moveAfter, list };
}
