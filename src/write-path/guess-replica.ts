import type { LoggedUpdate } from '../documents/history.ts';
import type { NotedReplica, SessionKey } from '../documents/sessions.ts';
import {
  doubtsOf,
  isPossible,
  type StateShape,
  tellsOf,
  withDeletionsKnown,
  writersOf,
} from '../formats/index.ts';
import type { PushInput } from './document-store-types.ts';
import { fits } from './replica-state.ts';

/** Is this update in a replica, beside what it had pulled? */
export type Own = (update: LoggedUpdate) => boolean;

/** The state of a replica that pulled everything up to a head; null: its own updates build on more than that. */
export type Replicas = (head: string | bigint, own: Own) => Uint8Array | null;

/** A replica on which an update can have been made. */
export interface Possible {
  /** It brings words together there that were apart. */
  readonly glues: boolean;
  /** It holds everything up to it, beside what its device wrote. */
  readonly head: string;
  readonly state: Uint8Array;
  /** The update without the deletions of what it did not have. */
  readonly own: Uint8Array;
  readonly isLikely: boolean;
}

/** What a guess costs is a look at the whole log; what a person can do with a device is tried long before. */
const MOST_GUESSES = 60;

/**
 * The first replica on which an update can have been made, of those that its session may have had by what is noted: one on which
 * it glues no words before one on which it does. Null where it can have been made on none.
 */
export function guessReplica(
  all: readonly Guess[],
  replicas: Replicas,
  update: Uint8Array,
  shape: StateShape,
): Possible | null {
  let gluing: Possible | null = null;
  for (const guess of all.slice(0, MOST_GUESSES)) {
    const { head, own, begun, isLikely } = guess;
    const state = shortest(begun, (some) => {
      const state = replicas(head, (each) => own(each) || some.includes(each));
      return state !== null && fits(state, withDeletionsKnown(state, update), shape) ? state : null;
    });
    if (state === null) continue;
    const made = withDeletionsKnown(state, update);
    const doubts = doubtsOf(state, made);
    if (!isPossible(doubts)) continue;
    if (doubts.glued.size === 0) return { head, state, own: made, isLikely, glues: false };
    gluing ??= { head, state, own: made, isLikely, glues: true };
  }
  return gluing;
}

/** The state with the fewest of these that is one, by bisection: where fewer are enough, more are. */
function shortest(
  begun: readonly LoggedUpdate[],
  stateWith: (some: readonly LoggedUpdate[]) => Uint8Array | null,
): Uint8Array | null {
  let [low, high] = [0, begun.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stateWith(begun.slice(0, middle)) === null) low = middle + 1;
    else high = middle;
  }
  return stateWith(begun.slice(0, low));
}

export interface Guess {
  /** It holds nothing of the other sessions of its device, but what it builds on. */
  readonly isAlone?: true;
  /** Everything up to it is in the replica. */
  readonly head: string;
  /** So are these. */
  readonly own: Own;
  /** Of these, which came after the head, a beginning: as much as the update builds on. */
  readonly begun: readonly LoggedUpdate[];
  /** It is what a device does day by day; for anything else something unusual must have happened to it. */
  readonly isLikely: boolean;
}

/**
 * What a session's replica may have been, the likeliest first: what it had pulled, at the last time or at one before, and what it
 * pushed. One that has not pulled has what another one of its device had stored by then. One that was restored from a
 * backup has lost what it pushed since.
 * @param noted the session's own note first, if it has one
 */
export function guesses(
  history: readonly LoggedUpdate[],
  key: SessionKey,
  noted: readonly NotedReplica[],
  update: Uint8Array,
): readonly Guess[] {
  const [newest, ...others] = noted;
  if (newest === undefined) return [];
  const named = new Set(noted.map((each) => each.session));
  const mine = ofSession(key, key.session);
  const unnoted = ofDevice(key, (each) => each === key.session || !named.has(each));
  const sameWriter = ofWritersOf(update);
  const of = (note: NotedReplica, own: Own, begun: Own = () => false): readonly Guess[] =>
    headsOf(note).map(({ head, next }) => ({
      head,
      own,
      isLikely: false,
      begun: history.filter((update) => begun(update) && isBetween(update, head, next)),
    }));
  const stored = (note: NotedReplica, own: Own) => of(note, own, ofSession(key, note.session));
  if (newest.session !== key.session)
    return [
      ...likely(of(newest, ownOfAll(key, update))),
      ...noted.flatMap((note) => stored(note, either(unnoted, sameWriter))),
      ...noted.flatMap((note) => stored(note, unnoted)),
    ];
  return [
    ...likely(of(newest, ownOf(key, update))),
    ...of(newest, mine),
    ...others.flatMap((note) => stored(note, unnoted)),
    ...of(
      newest,
      ofDevice(key, () => true),
    ),
    ...of(newest, () => false, mine),
  ];
}

/**
 * What a session's replica may have been that holds everything up to a head: with what it pushed, and what its device had pushed
 * before it was opened again; with its own alone, beside another tab; with what its device did since, too; or, restored from a
 * backup, without the last of its own.
 */
export function guessesAt(
  history: readonly LoggedUpdate[],
  key: SessionKey,
  head: string,
  { update, seq }: Pick<PushInput, 'update' | 'seq'>,
): readonly Guess[] {
  const mine = history.filter(ofSession(key, key.session));
  const kept = new Set(
    key.session === '' ? mine : [...withoutLost(mine, seq), ...sentAgain(mine, seq, update)],
  );
  const own = (each: LoggedUpdate) => kept.has(each);
  const after = history.filter(({ joined }) => BigInt(joined) > BigInt(head));
  const others = after.filter((each) => !own(each));
  const isOfDevice = ofDevice(key, () => true);
  const [first] = history.filter(own);
  const isBefore = ({ joined }: LoggedUpdate) => first === undefined || BigInt(joined) < BigInt(first.joined);
  const guess = { head, own, isLikely: true };
  const withBefore = (which: Own): Guess => ({
    ...guess,
    own: (each) => own(each) || (which(each) && isOfDevice(each) && isBefore(each)),
    begun: [],
  });
  // What another tab pushed builds on what this one never had: then it was opened after one of the others.
  const sessions = new Set(others.filter(isOfDevice).map(({ session }) => session ?? ''));
  return [
    withBefore(() => true),
    ...[...sessions].map((session) => withBefore((each) => (each.session ?? '') === session)),
    { ...guess, begun: others.filter(ofWritersOf(update)), isAlone: true },
    { ...guess, begun: others.filter(isOfDevice) },
    { ...guess, own: () => false, begun: after.filter(own) },
  ];
}

/** A session that counts again from a number was restored from a backup of before: what it pushed from there on is lost to it. */
function withoutLost(mine: readonly LoggedUpdate[], seq: number): readonly LoggedUpdate[] {
  const kept: LoggedUpdate[] = [];
  const drop = (from: number) => {
    while (kept.length > 0 && Number(kept.at(-1)?.deviceSeq) >= from) kept.pop();
  };
  for (const each of mine) {
    drop(Number(each.deviceSeq));
    kept.push(each);
  }
  drop(seq);
  return kept;
}

/**
 * A backup that is as old as this number has what was pushed under it already: sent again as a difference, the update is without all
 * that the server holds, and only its deletions are left of it.
 */
const sentAgain = (mine: readonly LoggedUpdate[], seq: number, update: Uint8Array): readonly LoggedUpdate[] =>
  mine.filter(({ deviceSeq, payload }) => Number(deviceSeq) === seq && tellsOf(update, payload));

const likely = (all: readonly Guess[]): readonly Guess[] => all.map((each) => ({ ...each, isLikely: true }));

/** What a session pushed itself. */
export const ownOf = (key: SessionKey, update: Uint8Array): Own =>
  either(ofSession(key, key.session), ofWritersOf(update));

/** What all sessions of its device pushed. */
export const ownOfAll = (key: SessionKey, update: Uint8Array): Own =>
  either(
    ofDevice(key, () => true),
    ofWritersOf(update),
  );

const ofSession = (key: SessionKey, session: string): Own => ofDevice(key, (each) => each === session);

const ofDevice =
  ({ device, epoch }: SessionKey, which: (session: string) => boolean): Own =>
  (update) =>
    update.device === device && update.epoch === epoch && which(update.session ?? '');

/** The next character of a Yjs client builds on its last one, under whatever session that came. */
function ofWritersOf(update: Uint8Array): Own {
  const clients = new Set(writersOf(update));
  return ({ payload }) => writersOf(payload).some((client) => clients.has(client));
}

const either =
  (one: Own, two: Own): Own =>
  (update) =>
    one(update) || two(update);

interface Pulled {
  readonly head: string;
  /** What the session pulled after it; undefined: nothing yet. */
  readonly next: string | undefined;
}

/** The heads that a session pulled up to: where it is said to be, then the others from the newest on. */
function headsOf({ pulled, earlier }: NotedReplica): readonly Pulled[] {
  const heads = [pulled, ...earlier];
  const inOrder = [...new Set(heads)].sort((a, b) => Number(BigInt(a) - BigInt(b)));
  return heads.map((head) => ({ head, next: inOrder[inOrder.indexOf(head) + 1] }));
}

const isBetween = ({ joined }: LoggedUpdate, head: string, next: string | undefined): boolean =>
  BigInt(joined) > BigInt(head) && (next === undefined || BigInt(joined) <= BigInt(next));
