import { NOWHERE, type SideMatch } from './match-side.ts';
import { isEnd, isStart, tokenAt } from './stream.ts';

/** What a side inserted, by the item of the base that it stands after; NOWHERE for before all. */
export type Insertions = ReadonlyMap<number, readonly number[]>;

export function insertionsOf({ stream, toBase }: SideMatch): Insertions {
  const insertions = new Map<number, number[]>();
  let after = NOWHERE;
  for (let at = 0; at < stream.length; at++) {
    const base = toBase[at] ?? NOWHERE;
    if (base !== NOWHERE) {
      after = base;
      continue;
    }
    const list = insertions.get(after);
    if (list === undefined) insertions.set(after, [at]);
    else list.push(at);
  }
  return insertions;
}

/** Whether a block starts or ends among these items. */
export function hasEdge({ stream }: SideMatch, items: readonly number[]): boolean {
  return items.some((at) => isStart(stream, at) || isEnd(stream, at));
}

/** Whether there is content among these items. */
export function hasContent({ stream }: SideMatch, items: readonly number[]): boolean {
  return items.some((at) => isContent(tokenAt(stream, at)));
}

function isContent(token: ReturnType<typeof tokenAt>): boolean {
  return token !== undefined && (token.atom !== undefined || token.text.trim() !== '');
}

/** What is left of a side's insertions at one place without what the other inserted there as well. */
export function withoutTwins(
  side: SideMatch,
  items: readonly number[],
  other: SideMatch,
  others: readonly number[],
): readonly number[] {
  if (items.length === 0 || others.length === 0) return items;
  const key = (one: SideMatch, list: readonly number[]) => list.map((at) => keyOf(one, at)).join('|');
  if (key(side, items) === key(other, others)) return [];
  const made = new Set(blocksAmong(other, others).map((block) => twinKey(other, block)));
  const twins = new Set(blocksAmong(side, items).filter((block) => made.has(twinKey(side, block))));
  return items.filter((at) => !twins.has(side.stream.blockOf[at] ?? NOWHERE));
}

function keyOf({ stream, flat }: SideMatch, at: number): string {
  const token = tokenAt(stream, at);
  if (token !== undefined) return String(token.key);
  return isStart(stream, at) ? `start ${flat.blocks[stream.blockOf[at] ?? 0]?.shell.type}` : 'end';
}

/** Blocks that stand wholly among these items and are not empty. */
function blocksAmong({ stream }: SideMatch, items: readonly number[]): readonly number[] {
  const present = new Set(items);
  return items
    .filter((at) => isStart(stream, at))
    .map((at) => stream.blockOf[at] ?? 0)
    .filter((block) => {
      const [from, to] = [stream.starts[block] ?? 0, stream.starts[block + 1] ?? 0];
      if (to - from < 3) return false;
      for (let at = from; at < to; at++) if (!present.has(at)) return false;
      return true;
    });
}

function twinKey({ flat }: SideMatch, block: number): string {
  return `${flat.blocks[block]?.shell.type} ${flat.blocks[block]?.identity}`;
}
