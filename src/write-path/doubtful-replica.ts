import type { LoggedUpdate } from '../documents/history.ts';
import {
  deletesAny,
  doubtsOf,
  isPossible,
  replicaOfWhatFits,
  type StateShape,
  withDeletionsKnown,
  withoutDeletions,
  writesAny,
} from '../formats/index.ts';
import { fits } from './replica-state.ts';

/** One that goes out takes others with it, which have offended no more then. */
const MOST_ROUNDS = 12;

/**
 * Of what a device is thought to have had, what it can have had: without the updates that deleted what it types into or deletes
 * itself, those that wrote what it deletes unseen or would be one word with its own, and what builds on them. Where its update builds on such a one, the device
 * learned of that while it wrote: then only without what that deletes.
 * @param thought in the order of the log
 * @param already what the document holds of the update itself
 * @returns null where nothing is left on which the update can have been made
 */
export function withoutOffenders(
  thought: readonly LoggedUpdate[],
  already: readonly Uint8Array[],
  update: Uint8Array,
  shape: StateShape,
): { readonly state: Uint8Array; readonly own: Uint8Array } | null {
  let [log, held] = [thought.map(({ payload }) => payload), already];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const state = replicaOfWhatFits([...log, ...held]);
    const own = withDeletionsKnown(state, update);
    if (!fits(state, own, shape)) return null;
    const doubts = doubtsOf(state, own);
    if (isPossible(doubts) && doubts.glued.size === 0) return { state, own };
    const { gone, hidden, glued } = doubts;
    const fewer = log.filter(
      (payload) => !deletesAny(payload, gone) && !writesAny(payload, hidden) && !writesAny(payload, glued),
    );
    if (fewer.length < log.length && fits(replicaOfWhatFits([...fewer, ...held]), own, shape)) {
      log = fewer;
      continue;
    }
    const guilty = (payload: Uint8Array) => deletesAny(payload, gone);
    if (![...log, ...held].some(guilty)) return isPossible(doubts) ? { state, own } : null;
    const mild = (payload: Uint8Array) => (guilty(payload) ? withoutDeletions(payload) : payload);
    [log, held] = [log.map(mild), held.map(mild)];
  }
  return null;
}
