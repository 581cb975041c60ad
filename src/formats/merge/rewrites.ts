import { type Matches, NOWHERE } from './match-side.ts';
import type { Insertions } from './side-items.ts';
import { endOf, startOf, tokenAt } from './stream.ts';

/** A side rewrote a block if it deleted more than this part of its words and wrote others. */
const REWROTE = 0.5;

/** Whether both sides rewrote a block, each in a way of its own. */
export function rewrites(
  matches: Matches,
  inserted: Readonly<Record<'ours' | 'theirs', Insertions>>,
  block: number,
): boolean {
  return rewroteBy(matches, inserted, block, 'ours') && rewroteBy(matches, inserted, block, 'theirs');
}

function rewroteBy(
  { stream, ...sides }: Matches,
  inserted: Readonly<Record<'ours' | 'theirs', Insertions>>,
  block: number,
  name: 'ours' | 'theirs',
): boolean {
  const side = sides[name];
  const [start, end] = [startOf(stream, block), endOf(stream, block)];
  if (side.toSide[start] === NOWHERE || side.toSide[end] === NOWHERE) return false;
  let [words, kept, written] = [0, 0, 0];
  for (let at = start; at < end; at++) {
    if (tokenAt(stream, at)?.isWord === true) {
      words += 1;
      if (side.toSide[at] !== NOWHERE) kept += 1;
    }
    for (const item of inserted[name].get(at) ?? [])
      if (tokenAt(side.stream, item)?.isWord === true) written += 1;
  }
  return written > 0 && words - kept > words * REWROTE;
}
