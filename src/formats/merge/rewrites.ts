import { type Matches, NOWHERE } from './match-side.ts';
import type { Insertions } from './side-items.ts';
import { endOf, startOf, tokenAt } from './stream.ts';

/** A side rewrote a block if it deleted more than this part of its words and wrote others. */
const REWROTE = 0.5;

/**
 * Whether both sides rewrote a block, each in a way of its own. Of one that rewrote it the other's text may hold on to
 * common words only, such as "the" and "of", that stand between words of its own: taken from there, what is left reads as
 * nothing that anybody wrote. So beside a rewrite it counts as another that a side wrote more words than it kept.
 */
export function rewrites(
  matches: Matches,
  inserted: Readonly<Record<'ours' | 'theirs', Insertions>>,
  block: number,
): boolean {
  const [ours, theirs] = [
    tallyOf(matches, inserted, block, 'ours'),
    tallyOf(matches, inserted, block, 'theirs'),
  ];
  if (ours === null || theirs === null) return false;
  return (
    (isRewrite(ours) && (isRewrite(theirs) || isMostlyNew(theirs))) ||
    (isRewrite(theirs) && isMostlyNew(ours))
  );
}

/** Words of a block of the base that a side kept and deleted, and those that it wrote there. */
interface Tally {
  readonly kept: number;
  readonly deleted: number;
  readonly written: number;
}

const isRewrite = ({ kept, deleted, written }: Tally): boolean =>
  written > 0 && deleted > (kept + deleted) * REWROTE;

const isMostlyNew = ({ kept, deleted, written }: Tally): boolean => deleted > 0 && written > kept;

/** Null where the side no longer has the block. */
function tallyOf(
  { stream, ...sides }: Matches,
  inserted: Readonly<Record<'ours' | 'theirs', Insertions>>,
  block: number,
  name: 'ours' | 'theirs',
): Tally | null {
  const side = sides[name];
  const [start, end] = [startOf(stream, block), endOf(stream, block)];
  if (side.toSide[start] === NOWHERE || side.toSide[end] === NOWHERE) return null;
  let [kept, deleted, written] = [0, 0, 0];
  for (let at = start; at < end; at++) {
    if (tokenAt(stream, at)?.isWord === true) {
      if (side.toSide[at] === NOWHERE) deleted += 1;
      else kept += 1;
    }
    for (const item of inserted[name].get(at) ?? [])
      if (tokenAt(side.stream, item)?.isWord === true) written += 1;
  }
  return { kept, deleted, written };
}
