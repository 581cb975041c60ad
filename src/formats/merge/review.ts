import type { Token } from './lexicon.ts';
import { type Matches, NOWHERE, type SideMatch } from './match-side.ts';
import { type Note, sameJson, sameShell } from './registers.ts';
import { hasContent, type Insertions, insertionsOf } from './side-items.ts';
import { endOf, startOf, tokenAt } from './stream.ts';

/** Notes the blocks that both sides changed, and those that one side changed and the other deleted. */
export function reviewBlocks(matches: Matches, note: Note): void {
  const [ours, theirs] = [insertionsOf(matches.ours), insertionsOf(matches.theirs)];
  matches.base.blocks.forEach((_, block) => {
    const one = whatBecame(matches, matches.ours, ours, block);
    const two = whatBecame(matches, matches.theirs, theirs, block);
    if (one === 'kept' || two === 'kept') return;
    if (one !== 'deleted' && two !== 'deleted') note('same-block');
    else if (one === 'extended' || two === 'extended') note('edit-in-deleted');
  });
}

/** `extended` is changed, with something new in it. */
type Fate = 'kept' | 'changed' | 'extended' | 'deleted';

function whatBecame(matches: Matches, side: SideMatch, inserted: Insertions, block: number): Fate {
  const [start, end] = [startOf(matches.stream, block), endOf(matches.stream, block)];
  let [linked, lost] = [0, 0];
  for (let at = start; at <= end; at++) {
    if (side.toSide[at] === NOWHERE) lost += 1;
    else linked += 1;
    const items = at < end ? inserted.get(at) : undefined;
    if (items !== undefined && hasContent(side, items)) return 'extended';
  }
  if (linked === 0) return 'deleted';
  return lost > 0 || isDressedAnew(matches, side, block) ? 'changed' : 'kept';
}

/** The same text, with other marks or of another type. */
function isDressedAnew(matches: Matches, side: SideMatch, block: number): boolean {
  const start = startOf(matches.stream, block);
  const before = matches.base.blocks[block];
  const after = side.flat.blocks[side.stream.blockOf[side.toSide[start] ?? 0] ?? 0];
  if (before === undefined || after === undefined) return false;
  if (!sameShell(before.shell, after.shell)) return true;
  if (matches.whole.has(block)) return JSON.stringify(before.inline) !== JSON.stringify(after.inline);
  for (let at = start + 1; at < endOf(matches.stream, block); at++) {
    const [was, is] = [tokenAt(matches.stream, at), tokenAt(side.stream, side.toSide[at] ?? 0)];
    if (was !== undefined && is !== undefined && !isDressedAlike(was, is)) return true;
  }
  return false;
}

function isDressedAlike(one: Token, two: Token): boolean {
  if (one.marks !== two.marks && JSON.stringify(one.marks) !== JSON.stringify(two.marks)) return false;
  return sameJson(one.atom, two.atom);
}
