import type { LoggedUpdate } from '../documents/history.ts';
import { EMPTY_UPDATE, replicaAt } from '../formats/index.ts';
import type { Own, Replicas } from './guess-replica.ts';
import { stateOrNull } from './replica-state.ts';

/**
 * The states of replicas that took in a beginning of a log. A search asks for dozens of them, near each other: each begins with
 * the longest one that was asked for before.
 * @param history in the order in which its updates became part of the document
 * @param already what every replica holds beside that
 */
export function statesOf(history: readonly LoggedUpdate[], already: readonly Uint8Array[]): Replicas {
  const joined = history.map((update) => BigInt(update.joined));
  const beginnings = new Map<number, Uint8Array>([[0, EMPTY_UPDATE]]);
  const known = new Map<string, Uint8Array | null>();
  const beginning = (count: number): Uint8Array => {
    const from = Math.max(...[...beginnings.keys()].filter((each) => each <= count));
    const since = history.slice(from, count).map(({ payload }) => payload);
    const state = replicaAt([beginnings.get(from) ?? EMPTY_UPDATE, ...since]);
    beginnings.set(count, state);
    return state;
  };
  return (head: string | bigint, own: Own) => {
    const upto = BigInt(head);
    const past = joined.findIndex((each) => each > upto);
    const count = past === -1 ? history.length : past;
    const extras = history.flatMap((update, index) => (index >= count && own(update) ? [index] : []));
    const key = `${count}:${extras.join()}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const beside = [...extras.map((index) => history[index]?.payload ?? EMPTY_UPDATE), ...already];
    const state = stateOrNull(() =>
      beside.length === 0 ? beginning(count) : replicaAt([beginning(count), ...beside]),
    );
    known.set(key, state);
    return state;
  };
}
