import type { LoggedUpdate } from '../documents/history.ts';
import {
  deletionsOf,
  doubtsOf,
  heldUpdates,
  isLevelWith,
  isPossible,
  replicaAt,
  withDeletionsKnown,
  withoutDeletions,
} from '../formats/index.ts';
import { type Guess, guesses, guessesAt, guessReplica } from './guess-replica.ts';
import { madeOf, type ReplicaBefore, type Search } from './replica-search.ts';
import { fits, stateOrNull } from './replica-state.ts';

/** By the state vector or the head that the client names; null where it names none, or one that cannot be. */
export function namedReplica(search: Search): ReplicaBefore | null {
  const { stateVector, baseSeq } = search.input;
  return (
    (stateVector === undefined ? null : byStateVector(search, stateVector)) ??
    (baseSeq === undefined ? null : byHead(search, String(baseSeq)))
  );
}

/** Everything up to a head, and its own. */
function byHead(search: Search, head: string): ReplicaBefore | null {
  const { input, shape, history, session, already, replicas } = search;
  const at = guessesAt(history, session, head, input);
  const found = guessReplica(at, replicas, input.update, shape) ?? atItsWord(search, at);
  if (!found) return null;
  // Another tab that sent a part of it may have deleted the same by itself: nothing tells whose deletion that was.
  const isDoubtful = deletionsOf(...already).size > 0;
  return { known: 'named', state: found.state, own: found.own, doubted: null, isDoubtful };
}

/**
 * What tells a guess from another is no reason to take none: an update can bring a copy of a text that was deleted long before,
 * and mean another one.
 */
function atItsWord(search: Search, at: readonly Guess[]): Made | null {
  const { shape, already, replicas } = search;
  // It may have learned of other deletions since, and tell of them.
  const learned = guessReplica(at, replicas, madeOf(search), shape);
  if (learned?.glues === false) return learned;
  // A tab that shares its queue was opened beside the other one, and has nothing else of it.
  const [made] = (already.length > 0 ? at.filter(({ isAlone }) => isAlone) : at).flatMap((guess) =>
    asNamed(search, replicas(guess.head, guess.own)),
  );
  // Words that run together without a deletion tell that it was its own.
  return made ?? learned;
}

function asNamed({ input, shape }: Search, state: Uint8Array | null): readonly Made[] {
  if (state === null) return [];
  const own = withDeletionsKnown(state, input.update);
  if (!fits(state, own, shape)) return [];
  return isPossible({ ...doubtsOf(state, own), gone: new Map() }) ? [{ state, own }] : [];
}

type Made = Pick<ReplicaBefore, 'state' | 'own'>;

/** A state vector says nothing of deletions: where a replica that is noted is as far, it is that one. */
function byStateVector(search: Search, stateVector: Uint8Array): ReplicaBefore | null {
  const { input, shape, history, session, noted, replicas } = search;
  const isLevel = (state: Uint8Array | null) =>
    state !== null && isLevelWith(state, stateVector, input.update);
  const level = guesses(history, session, noted, input.update)
    .map((guess) => ({ ...guess, begun: [] }))
    .filter(({ head, own }) => isLevel(replicas(head, own)));
  const found = guessReplica(level, replicas, input.update, shape);
  if (found?.glues !== false) return byLog(search, stateVector);
  return { known: 'named', state: found.state, own: found.own, doubted: null, isDoubtful: false };
}

/** Those updates of the log that a replica of which nothing is noted held by its state vector. */
function byLog(search: Search, stateVector: Uint8Array): ReplicaBefore | null {
  const { input, shape, history, already } = search;
  const { update } = input;
  const holding = (parts: readonly Uint8Array[]) =>
    stateOrNull(() => replicaAt([...held(history, stateVector, update), ...parts]));
  const isMade = (state: Uint8Array | null, isListing?: true): state is Uint8Array => {
    if (state === null || !fits(state, update, shape)) return false;
    const doubts = doubtsOf(state, update, isListing);
    return isPossible(doubts) && doubts.glued.size === 0;
  };
  const whole = holding(already);
  const isClear = already.length === 0 || isMade(whole, true);
  // What another tab deleted as well may be gone by that one alone.
  const undeleted = isClear ? null : holding(already.map(withoutDeletions));
  const state = isMade(undeleted) ? undeleted : whole;
  // One that was overtaken by what its client learned since names too little.
  if (state === null || !fits(state, update, shape) || doubtsOf(state, update).own.size > 0) return null;
  return { known: 'named', state, own: update, doubted: null, isDoubtful: !isClear };
}

const held = (
  history: readonly LoggedUpdate[],
  stateVector: Uint8Array,
  update: Uint8Array,
): readonly Uint8Array[] =>
  heldUpdates(
    history.map(({ payload }) => payload),
    stateVector,
    update,
  );
