import { EMPTY_UPDATE, replicaAt, takePart } from '../formats/index.ts';
import { stateOrNull } from './replica-state.ts';

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
  stateAt: (index: number) => Uint8Array | null,
  update: Uint8Array,
): readonly Part[] {
  const parts: Part[] = [];
  for (let from = 0; from < count; from++) {
    const written = parts.at(-1)?.after;
    const before = (index: number) => {
      const state = stateAt(index);
      if (state === null || written === undefined) return state;
      return stateOrNull(() => replicaAt([state, written]));
    };
    from = firstThatTakes(from, count - 1, before, update);
    const replica = before(from) ?? EMPTY_UPDATE;
    const taken = takePart(replica, update);
    parts.push({ before: replica, after: taken.state });
    if (taken.isWhole) break;
  }
  return parts;
}

/** By bisection: what a beginning takes, each longer one takes; the last where none takes more. */
function firstThatTakes(
  from: number,
  last: number,
  before: (index: number) => Uint8Array | null,
  update: Uint8Array,
): number {
  let [low, high] = [from, last];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (takes(before(middle), update)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What the device pushed before may build on more than a short beginning. */
function takes(replica: Uint8Array | null, update: Uint8Array): boolean {
  if (replica === null) return false;
  const { isMore, isWhole } = takePart(replica, update);
  return isMore || isWhole;
}
