import type { Json } from '../json.ts';
import type { Mark } from '../prosemirror.ts';
import type { Note } from './registers.ts';

/** Marks that stand several times on one text by their nature, should no document at hand show it. */
const MANY_BY_NAME = /comment|annotation|thread|suggestion/i;

/** Sets of marks by number; 0 is the empty one. */
export interface MarkTable {
  readonly idOf: (marks: Json | undefined) => number;
  readonly marksOf: (id: number) => readonly Mark[];
  /** A mark stays that both kept, and comes that either added. */
  readonly merge: (base: number, ours: number, theirs: number, note: Note) => number;
}

export function createMarkTable(): MarkTable {
  const ids = new Map<string, number>([['[]', 0]]);
  const sets: (readonly Mark[])[] = [[]];
  const many = new Set<string>();
  const idOf = (marks: Json | undefined) => {
    if (marks === undefined) return 0;
    const key = JSON.stringify(marks);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const set = marks as unknown as readonly Mark[];
    set.forEach((mark, index) => {
      if (mark.type === set[index - 1]?.type) many.add(mark.type);
    });
    ids.set(key, sets.length);
    return sets.push(set) - 1;
  };
  const marksOf = (id: number) => sets[id] ?? [];
  const isMany = (type: string) => many.has(type) || MANY_BY_NAME.test(type);
  const merge = (base: number, ours: number, theirs: number, note: Note) => {
    if (ours === base || ours === theirs) return theirs;
    if (theirs === base) return ours;
    const set = mergeSets(marksOf(base), marksOf(ours), marksOf(theirs), isMany, note);
    return idOf(set as unknown as Json);
  };
  return { idOf, marksOf, merge };
}

function mergeSets(
  base: readonly Mark[],
  ours: readonly Mark[],
  theirs: readonly Mark[],
  isMany: (type: string) => boolean,
  note: Note,
): readonly Mark[] {
  const [before, one, two] = [byKey(base), byKey(ours), byKey(theirs)];
  const merged = new Map<string, Mark>();
  for (const [key, mark] of one) if (!before.has(key) || two.has(key)) merged.set(key, mark);
  const added = new Set([...merged.values()].map(({ type }) => type));
  for (const [key, mark] of two) {
    if (before.has(key) || merged.has(key)) continue;
    if (added.has(mark.type) && !isMany(mark.type)) note('attribute-clash');
    else merged.set(key, mark);
  }
  // Canonical order, so that equal sets have one number.
  return [...merged].sort(byTypeThenKey).map(([, mark]) => mark);
}

function byKey(marks: readonly Mark[]): ReadonlyMap<string, Mark> {
  return new Map(marks.map((mark) => [JSON.stringify(mark), mark]));
}

function byTypeThenKey([keyA, a]: readonly [string, Mark], [keyB, b]: readonly [string, Mark]): number {
  if (a.type !== b.type) return a.type < b.type ? -1 : 1;
  return keyA < keyB ? -1 : 1;
}
