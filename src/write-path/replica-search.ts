import type { LoggedUpdate } from '../documents/history.ts';
import type { NotedReplica, SessionKey } from '../documents/sessions.ts';
import { isDifference, type StateShape, withOwnDeletions } from '../formats/index.ts';
import type { BaseKnown } from './base.ts';
import type { PushInput } from './document-store-types.ts';
import { type Own, ownOf, ownOfAll, type Replicas } from './guess-replica.ts';
import type { InferredReplica } from './infer-replica.ts';
import type { Part } from './made-in-parts.ts';

/** What a device's replica held before an update. */
export interface ReplicaBefore {
  readonly known: BaseKnown;
  /** Before the last part of the update. */
  readonly state: Uint8Array;
  /** Where the device took something in while it wrote the update: each part of it, in order. */
  readonly parts?: readonly Part[];
  /** The update as its device made it: a difference without the deletions of others. */
  readonly own: Uint8Array;
  /** The session was noted to hold more, and cannot have known it: it holds everything up to this head only. */
  readonly doubted: string | null;
  /** What is noted makes it unlikely, or cannot be it at all: a person should look at what came of it. */
  readonly isDoubtful: boolean;
}

/** What may tell of a replica. */
export interface Search {
  readonly input: PushInput & Waited;
  readonly shape: StateShape;
  readonly head: Uint8Array;
  readonly history: readonly LoggedUpdate[];
  readonly session: SessionKey;
  /** The session's own note first. */
  readonly noted: readonly NotedReplica[];
  /** What the document holds of the update: it is no news of it, however it came there. */
  readonly already: readonly Uint8Array[];
  readonly replicas: Replicas;
  /** By the update alone, and the update as its device made it; sought once, and only where it is asked for. */
  readonly likely: () => InferredReplica & { readonly own: Uint8Array };
}

/** An update that waited was made on what its session had pulled before it came. */
export interface Waited {
  readonly arrivedAt?: string;
}

/** The update as its device made it: one that took in what it had pulled before it was sent tells of the deletions in that, too. */
export function madeOf({ input, head, session, noted, replicas }: Omit<Search, 'likely'>): Uint8Array {
  const { update } = input;
  const [newest] = noted;
  return ownPart(newest && replicas(newest.pulled, besideNote(session, noted, update)), head, update);
}

export const besideNote = (
  session: SessionKey,
  [newest]: readonly NotedReplica[],
  update: Uint8Array,
): Own =>
  newest === undefined || newest.session === session.session
    ? ownOf(session, update)
    : ownOfAll(session, update);

const ownPart = (replica: Uint8Array | null | undefined, head: Uint8Array, update: Uint8Array): Uint8Array =>
  replica != null && isDifference(replica, update) ? withOwnDeletions(head, update) : update;
