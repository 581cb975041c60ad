import { readHistory } from '../documents/history.ts';
import { type NotedReplica, readPulled, type SessionKey } from '../documents/sessions.ts';
import type { Stores } from '../documents/stores.ts';
import { doubtsOf, heldPart, isPossible, withDeletionsKnown } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { PushInput } from './document-store-types.ts';
import { withoutOffenders } from './doubtful-replica.ts';
import { guesses, guessReplica, type Own } from './guess-replica.ts';
import type { LevelDocument } from './hold.ts';
import { type InferredReplica, inferReplica } from './infer-replica.ts';
import { statesOf } from './log-states.ts';
import type { Part } from './made-in-parts.ts';
import { namedReplica } from './named-replica.ts';
import { besideNote, madeOf, type ReplicaBefore, type Search, type Waited } from './replica-search.ts';
import { fits } from './replica-state.ts';

/**
 * The replica of a session as it was when it made an update: what it had pulled, and its own accepted updates. With the last
 * pull alone, two pushes in a row would double text. A session that pulls before it pushes wrote on what an earlier pull
 * gave it; one that has not pulled yet has the replica of another one of its device. Where nothing that is noted can be it, it is
 * made up from the update.
 */
export async function replicaBefore(
  tx: Queryable,
  stores: Stores,
  { link, state: head }: LevelDocument,
  input: PushInput & Waited,
): Promise<ReplicaBefore> {
  const history = await readHistory(tx, link);
  const session = sessionOf(link.id, input);
  const noted = notedBefore(await readPulled(tx, session, link.lineage), input.arrivedAt);
  const sent = history.filter((each) => each.device === input.deviceId).map(({ payload }) => payload);
  const already = heldPart(input.update, head, sent);
  const replicas = statesOf(history, already);
  const known = { input, shape: stores.shape, head, history, session, noted, already, replicas };
  let likely: ReturnType<Search['likely']> | undefined;
  const search: Search = {
    ...known,
    likely: () => {
      likely ??= likelyReplica(known);
      return likely;
    },
  };
  return (
    namedReplica(search) ??
    notedReplica(search) ??
    replicaInParts(search) ??
    clearedReplica(search) ??
    inferredReplica(search)
  );
}

/** By what its sessions pulled and pushed. */
function notedReplica(search: Search): ReplicaBefore | null {
  const { input, shape, history, session, noted, replicas } = search;
  const { update } = input;
  const [first, ...others] = guesses(history, session, noted, update);
  if (first === undefined) return null;
  const last = guessReplica([first], replicas, update, shape);
  const other = last?.glues === false ? null : guessReplica(others, replicas, madeOf(search), shape);
  const possible = other?.glues === false ? other : (last ?? other);
  if (possible === null) return null;
  const [newest] = noted;
  const isNoted = newest?.session === session.session;
  const isLess = isNoted && possible.head !== newest.pulled;
  // A person may put two words together; where the replica is a guess, that it was another one is likelier.
  if (possible.glues && (!isNoted || isLess)) return null;
  return {
    // A session without a name may be two tabs: what one pulled says little of the other.
    known: input.session === undefined || !possible.isLikely ? 'inferred' : 'session',
    state: possible.state,
    own: possible.own,
    doubted: isLess ? possible.head : null,
    isDoubtful: !possible.isLikely || countsAgain(search),
  };
}

/** A session that counts again from a number was restored from a backup, under the same name: which one is not noted. */
const countsAgain = ({ input, history, session }: Search): boolean =>
  input.arrivedAt === undefined &&
  history.some(
    ({ device, epoch, session: name, deviceSeq }) =>
      device === session.device &&
      epoch === session.epoch &&
      (name ?? '') === session.session &&
      Number(deviceSeq) >= input.seq,
  );

function likelyReplica(known: Omit<Search, 'likely'>): ReturnType<Search['likely']> {
  const { input, shape, history, session, noted, replicas } = known;
  const beside = besideNote(session, noted, input.update);
  const own = madeOf(known);
  return { ...inferReplica(history, (upto) => replicas(upto, beside), own, shape), own };
}

/** Of a device that took something in while it wrote: a replica for each part of what it wrote. */
function replicaInParts(search: Search): ReplicaBefore | null {
  const found = search.likely();
  const { own } = found;
  const isWhole = ({ before }: Part) => doubtsOf(before, own).own.size === 0;
  if (found.parts === undefined || found.parts.length < 2 || !found.parts.every(isWhole)) return null;
  return { known: 'inferred', ...found, own, doubted: doubtedAt(search, found.head), isDoubtful: false };
}

const doubtedAt = ({ input, session, noted: [newest] }: Search, head: bigint): string | null =>
  input.session !== undefined && newest?.session === session.session ? String(head) : null;

/** What is noted, without what cannot be true of it. */
function clearedReplica({ input, shape, history, session, noted, already }: Search): ReplicaBefore | null {
  const { update } = input;
  const [newest] = noted;
  const own = besideNote(session, noted, update);
  const thought = history.filter(
    (each) => newest === undefined || BigInt(each.joined) <= BigInt(newest.pulled) || own(each),
  );
  const cleared = withoutOffenders(thought, already, update, shape);
  return cleared && { known: 'inferred', ...cleared, doubted: null, isDoubtful: true };
}

/** By the update alone: the device had at least what it builds on. */
function inferredReplica(search: Search): ReplicaBefore {
  const { input, shape, history, replicas } = search;
  const { update } = input;
  const likely = search.likely();
  const { own } = likely;
  // What is thought to be its own may have come from another tab that goes by the same name.
  const alone = () => inferReplica(history, (upto) => replicas(upto, NONE), own, shape);
  const isSure = ({ state }: InferredReplica) => isPossible(doubtsOf(state, update));
  const found = isSure(likely) ? likely : ([alone()].find(isSure) ?? likely);
  const made = withDeletionsKnown(found.state, own);
  const doubted = doubtedAt(search, likely.head);
  // Nothing of the log by itself can be it: then it had all that there is.
  if (!fits(found.state, made, shape))
    return { known: 'inferred', state: search.head, own: update, doubted, isDoubtful: true };
  return { known: 'inferred', ...found, own: made, doubted, isDoubtful: true };
}

function notedBefore(noted: readonly NotedReplica[], arrivedAt: string | undefined): readonly NotedReplica[] {
  if (arrivedAt === undefined) return noted;
  return noted.flatMap(({ session, pulled, earlier }) => {
    const [last, ...others] = [pulled, ...earlier].filter((head) => BigInt(head) < BigInt(arrivedAt));
    return last === undefined ? [] : [{ session, pulled: last, earlier: others }];
  });
}

const NONE: Own = () => false;

export const sessionOf = (document: string, { deviceId, epoch, session }: PushInput): SessionKey => ({
  document,
  device: deviceId,
  epoch: epoch ?? '',
  session: session ?? '',
});
