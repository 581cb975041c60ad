/** Clocks by client: sorted, apart from each other, none empty. */
export type Ranges = ReadonlyMap<number, readonly ClockRange[]>;

export interface ClockRange {
  readonly clock: number;
  readonly length: number;
}

export interface OwnedRange extends ClockRange {
  readonly client: number;
}

/** Ranges in any order as they are easy to look up in. */
export function rangesOf(parts: Iterable<OwnedRange>): Ranges {
  const byClient = new Map<number, ClockRange[]>();
  for (const { client, clock, length } of parts) {
    const ranges = byClient.get(client) ?? [];
    if (ranges.length === 0) byClient.set(client, ranges);
    ranges.push({ clock, length });
  }
  return new Map([...byClient].map(([client, ranges]) => [client, joined(ranges)]));
}

function joined(ranges: ClockRange[]): readonly ClockRange[] {
  const result: ClockRange[] = [];
  for (const range of ranges.sort((a, b) => a.clock - b.clock)) {
    const last = result.at(-1);
    const end = range.clock + range.length;
    if (last === undefined || range.clock > last.clock + last.length) result.push(range);
    else if (end > last.clock + last.length) {
      result[result.length - 1] = { clock: last.clock, length: end - last.clock };
    }
  }
  return result;
}

/** Is every clock from `clock` on, `length` of them, in the ranges? */
export function covers(ranges: Ranges, client: number, clock: number, length: number): boolean {
  const range = rangeAt(ranges.get(client) ?? [], clock);
  return range !== undefined && clock + length <= range.clock + range.length;
}

/** The range that holds a clock. */
function rangeAt(ranges: readonly ClockRange[], clock: number): ClockRange | undefined {
  let from = 0;
  let to = ranges.length - 1;
  while (from <= to) {
    const middle = (from + to) >> 1;
    const range = ranges[middle];
    if (range === undefined) return undefined;
    if (clock < range.clock) to = middle - 1;
    else if (clock >= range.clock + range.length) from = middle + 1;
    else return range;
  }
  return undefined;
}

export function includes(ranges: Ranges, id: { readonly client: number; readonly clock: number }): boolean {
  return covers(ranges, id.client, id.clock, 1);
}
