import { replicaAt, takePart, UndecodableError } from '../formats/index.ts';

/** A part of an update: the device's replica before and after it wrote that. */
export interface Part {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/**
 * An update whose device took something in while it wrote it has no one base: what it wrote first would be hidden in the
 * replica that the last of it builds on. Each part gets the shortest beginning of the log that it fits.
 * @param stateAt the beginnings, from the shortest on, with what the device pushed before
 */
export function partsOf(
  count: number,
  stateAt: (index: number) => Uint8Array,
  update: Uint8Array,
): readonly Part[] {
  const parts: Part[] = [];
  for (let from = 0; from < count; from++) {
    const written = parts.at(-1)?.after;
    const before = (index: number) =>
      replicaAt([stateAt(index), ...(written === undefined ? [] : [written])]);
    from = firstThatTakes(from, count - 1, before, update);
    const taken = takePart(before(from), update);
    parts.push({ before: before(from), after: taken.state });
    if (taken.isWhole) break;
  }
  return parts;
}

/** By bisection: what a beginning takes, each longer one takes; the last where none takes more. */
function firstThatTakes(
  from: number,
  last: number,
  before: (index: number) => Uint8Array,
  update: Uint8Array,
): number {
  let [low, high] = [from, last];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (takes(() => before(middle), update)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What the device pushed before may build on more than a short beginning. */
function takes(before: () => Uint8Array, update: Uint8Array): boolean {
  try {
    const { isMore, isWhole } = takePart(before(), update);
    return isMore || isWhole;
  } catch (error) {
    if (error instanceof UndecodableError && error.code === 'state-incomplete') return false;
    throw error;
  }
}
