/** A stretch that both sequences have: `length` items from `a` in the one and from `b` in the other. */
export interface Match {
  readonly a: number;
  readonly b: number;
  readonly length: number;
}

/**
 * Edits up to which the shortest script is looked for: its cost is their square in the worst case, some 65,000 steps.
 * A person's save stays far below; what is past it is cut at anchors first.
 */
const MAX_EDITS = 256;

/** How often a stretch is cut at anchors; each round makes the stretches shorter, and four leave little to gain. */
const ANCHOR_ROUNDS = 4;

type Tokens = readonly number[];

/**
 * What two sequences have in common, in order: the shortest edit script where edits are few (Myers, "An O(ND)
 * Difference Algorithm", 1986), else cut at the items that are unique in both (Cohen's patience diff). Near linear in
 * the length, whatever the input; the same answer everywhere.
 */
export function align(a: Tokens, b: Tokens): readonly Match[] {
  const found: Match[] = [];
  alignRange({ a, b, found }, 0, a.length, 0, b.length, ANCHOR_ROUNDS);
  return joined(found);
}

interface Task {
  readonly a: Tokens;
  readonly b: Tokens;
  readonly found: Match[];
}

function alignRange(
  task: Task,
  aFrom: number,
  aTo: number,
  bFrom: number,
  bTo: number,
  rounds: number,
): void {
  const { a, b, found } = task;
  let prefix = 0;
  const shorter = Math.min(aTo - aFrom, bTo - bFrom);
  while (prefix < shorter && a[aFrom + prefix] === b[bFrom + prefix]) prefix++;
  let suffix = 0;
  while (suffix < shorter - prefix && a[aTo - 1 - suffix] === b[bTo - 1 - suffix]) suffix++;
  if (prefix > 0) found.push({ a: aFrom, b: bFrom, length: prefix });
  const [aStart, aEnd, bStart, bEnd] = [aFrom + prefix, aTo - suffix, bFrom + prefix, bTo - suffix];
  if (aStart < aEnd && bStart < bEnd) {
    const script = shortestScript(task, aStart, aEnd, bStart, bEnd);
    if (script !== undefined) found.push(...script);
    else if (rounds > 0) alignBetweenAnchors(task, aStart, aEnd, bStart, bEnd, rounds);
  }
  if (suffix > 0) found.push({ a: aEnd, b: bEnd, length: suffix });
}

function alignBetweenAnchors(
  task: Task,
  aFrom: number,
  aTo: number,
  bFrom: number,
  bTo: number,
  rounds: number,
): void {
  const anchors = uniqueAnchors(task, aFrom, aTo, bFrom, bTo);
  if (anchors.length === 0) return;
  let [a, b] = [aFrom, bFrom];
  for (const anchor of anchors) {
    alignRange(task, a, anchor.a, b, anchor.b, rounds - 1);
    task.found.push(anchor);
    [a, b] = [anchor.a + 1, anchor.b + 1];
  }
  alignRange(task, a, aTo, b, bTo, rounds - 1);
}

/** The matches of the shortest edit script, or nothing if it takes more than MAX_EDITS edits. */
function shortestScript(
  task: Task,
  aFrom: number,
  aTo: number,
  bFrom: number,
  bTo: number,
): Match[] | undefined {
  const { a, b } = task;
  const aLength = aTo - aFrom;
  const bLength = bTo - bFrom;
  const most = Math.min(MAX_EDITS, aLength + bLength);
  if (Math.abs(aLength - bLength) > most) return undefined;
  const offset = most + 1;
  const reach = new Int32Array(2 * most + 3);
  const history: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    history.push(reach.slice(offset - edits - 1, offset + edits + 2));
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && at(reach, offset + k - 1) < at(reach, offset + k + 1));
      let x = down ? at(reach, offset + k + 1) : at(reach, offset + k - 1) + 1;
      while (x < aLength && x - k < bLength && a[aFrom + x] === b[bFrom + x - k]) x++;
      reach[offset + k] = x;
      if (x >= aLength && x - k >= bLength) return walkBack(history, aLength, bLength, aFrom, bFrom);
    }
  }
  return undefined;
}

/** Follows the furthest reaching paths back from the end; `history[d]` is what the d-th round started from. */
function walkBack(
  history: readonly Int32Array[],
  aLength: number,
  bLength: number,
  aFrom: number,
  bFrom: number,
): Match[] {
  const matches: Match[] = [];
  let [x, y] = [aLength, bLength];
  for (let edits = history.length - 1; edits >= 0; edits--) {
    const reach = history[edits] ?? new Int32Array();
    const center = edits + 1;
    const k = x - y;
    const down = k === -edits || (k !== edits && at(reach, center + k - 1) < at(reach, center + k + 1));
    const fromX = edits === 0 ? 0 : at(reach, center + (down ? k + 1 : k - 1));
    const startX = edits === 0 ? 0 : down ? fromX : fromX + 1;
    if (x > startX) matches.push({ a: aFrom + startX, b: bFrom + startX - k, length: x - startX });
    x = fromX;
    y = fromX - (down ? k + 1 : k - 1);
  }
  return matches.reverse();
}

/** Items that stand once in each range, as many as keep their order in both (longest increasing subsequence). */
function uniqueAnchors(
  { a, b }: Task,
  aFrom: number,
  aTo: number,
  bFrom: number,
  bTo: number,
): readonly Match[] {
  const inA = positionsOfUnique(a, aFrom, aTo);
  const inB = positionsOfUnique(b, bFrom, bTo);
  const common: Match[] = [];
  for (const [token, position] of inA) {
    const other = inB.get(token);
    if (position >= 0 && other !== undefined && other >= 0) common.push({ a: position, b: other, length: 1 });
  }
  common.sort((one, two) => one.a - two.a);
  return longestIncreasing(common);
}

const REPEATED = -1;

function positionsOfUnique(tokens: Tokens, from: number, to: number): ReadonlyMap<number, number> {
  const positions = new Map<number, number>();
  for (let index = from; index < to; index++) {
    const token = tokens[index] ?? 0;
    positions.set(token, positions.has(token) ? REPEATED : index);
  }
  return positions;
}

function longestIncreasing(matches: readonly Match[]): readonly Match[] {
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [index, match] of matches.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((matches[tails[middle] ?? 0]?.b ?? 0) < match.b) low = middle + 1;
      else high = middle;
    }
    previous.push(low > 0 ? (tails[low - 1] ?? -1) : -1);
    tails[low] = index;
  }
  const chain: Match[] = [];
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) {
    const match = matches[index];
    if (match !== undefined) chain.push(match);
  }
  return chain.reverse();
}

function joined(matches: readonly Match[]): readonly Match[] {
  const result: Match[] = [];
  for (const match of matches) {
    const last = result.at(-1);
    if (last !== undefined && last.a + last.length === match.a && last.b + last.length === match.b) {
      result[result.length - 1] = { ...last, length: last.length + match.length };
    } else result.push(match);
  }
  return result;
}

function at(values: Int32Array, index: number): number {
  return values[index] ?? 0;
}
