import type { LoggedUpdate } from '../documents/history.ts';
import { deletesAny, doubtsOf, EMPTY_UPDATE, type StateShape } from '../formats/index.ts';
import { type Part, partsOf } from './made-in-parts.ts';
import { fits } from './replica-state.ts';

/** Each is a look through the log. */
const MOST_STEPS = 12;

export interface InferredReplica {
  /** Everything up to it was in the replica. */
  readonly head: bigint;
  readonly state: Uint8Array;
  readonly parts?: readonly Part[];
}

/**
 * The replica of a device of which only an update is known.
 * @param upto the device's replica with everything up to a head
 */
export function inferReplica(
  history: readonly LoggedUpdate[],
  upto: (head: bigint) => Uint8Array | null,
  update: Uint8Array,
  shape: StateShape,
): InferredReplica {
  const heads = [...new Set(history.map(({ joined }) => joined))].map(BigInt);
  const stateAt = (index: number) => upto(heads[index] ?? 0n);
  const fitsAt = (index: number): boolean => {
    const state = stateAt(index);
    return state !== null && fits(state, update, shape);
  };
  const at = likeliest(history, heads, stateAt, fitsAt, update);
  const [head, state] = [heads[at] ?? 0n, stateAt(at) ?? EMPTY_UPDATE];
  if (!fitsAt(at) || doubtsOf(state, update).own.size === 0) return { head, state };
  return { head, state, parts: partsOf(heads.length, stateAt, update) };
}

/**
 * The shortest beginning of the log that the update fits, by bisection: what fits one fits every longer one. But where
 * it then deletes more than it says, or glues words, its device knew that to be gone already: so from there on to the first
 * where it does not.
 */
function likeliest(
  history: readonly LoggedUpdate[],
  heads: readonly bigint[],
  stateAt: (index: number) => Uint8Array | null,
  fitsAt: (index: number) => boolean,
  update: Uint8Array,
): number {
  let [low, high] = [0, heads.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fitsAt(middle)) high = middle;
    else low = middle + 1;
  }
  let at = low;
  for (let step = 0; step < MOST_STEPS; step++) {
    const { hidden, glued } = doubtsOf(stateAt(at) ?? EMPTY_UPDATE, update);
    if (hidden.size === 0 && glued.size === 0) return at;
    const next = history.find(
      ({ joined, payload }) =>
        BigInt(joined) > (heads[at] ?? 0n) && (deletesAny(payload, hidden) || deletesAny(payload, glued)),
    );
    if (next === undefined) return low;
    at = heads.indexOf(BigInt(next.joined));
  }
  return low;
}
