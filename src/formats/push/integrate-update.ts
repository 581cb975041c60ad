import * as Y from 'yjs';
import { isReservedId, type StateShape } from '../client-id.ts';
import type { Content } from '../content.ts';
import { readDoc } from '../decode.ts';
import { leaveDoc, takeDoc } from '../open-docs.ts';
import { readChanged } from '../settled-content.ts';
import { UndecodableError } from '../undecodable-error.ts';
import { openUpdates } from '../yjs-state.ts';
import { conflictWithHeld, structsIn } from './held.ts';
import { type Inspected, inspectUpdate } from './inspect-update.ts';
import { MAX_CLOCK_JUMP } from './limits.ts';
import { misplacedContent } from './misplaced.ts';
import { missingFor } from './missing.ts';
import { standsInOrder } from './order.ts';
import { RejectedUpdateError, type RejectionReason } from './rejected-update-error.ts';
import { deletesTwice, type Replica, watchMerge } from './suspicion.ts';

/**
 * Why an update was refused, beside the reasons of `RejectedUpdateError`. `reused-id`: it has other content under an id that
 * is held; `collected-id`: it has text under an id of which only the deletion is held; `reserved-id`: it writes under an id
 * that only dualpath writes under; `unreadable`: with it, the document could not be read.
 */
export type RefusalCode = RejectionReason | 'reused-id' | 'collected-id' | 'reserved-id' | 'unreadable';

export type Integrated =
  /** It builds on updates that are not there yet: client → how far its clocks must be held. */
  | { readonly kind: 'pending'; readonly missing: ReadonlyMap<number, number> }
  /**
   * Nothing in it is new to Yjs: the document stays as it is. Suspicious where it deletes text that somebody else deleted
   * meanwhile: if that one put a copy elsewhere, the deletion came to nothing.
   */
  | { readonly kind: 'contained'; readonly suspicious: boolean }
  | {
      readonly kind: 'applied';
      /** The state with the update in it; deleted content is kept. Encoded when it is asked for first. */
      readonly state: () => Uint8Array;
      readonly content: Content;
      /**
       * Proves the content, where only what changed was read for it.
       * @throws Error if it is another, or none
       */
      readonly prove: () => void;
      /** The merge may have hidden or doubled text: a three-way merge must check it. */
      readonly suspicious: boolean;
      /** The clients of which it brought something new. */
      readonly clients: readonly number[];
    }
  /** Poison: it is not applied, and the document is unharmed. `reason` is for people and names no content. */
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly reason: string };

/**
 * What becomes of a document with an update of a device, tried on a scratch copy.
 * @param replica what the device's replica held before the update, if known; asked only where the look at the merge
 *   alone cannot tell, and spares a three-way merge then
 * @param reading `changed` leaves the document to be read whole until `prove` is called
 * @throws UndecodableError if `state` itself is damaged; an update throws nothing
 */
export function integrateUpdate(
  state: Uint8Array,
  update: Uint8Array,
  shape: StateShape,
  replica?: Replica,
  reading: Reading = 'all',
): Integrated {
  const inspected = inspectedOrRefused(update, shape);
  if ('kind' in inspected) return inspected;
  const doc = takeDoc(state);
  const held = heldBefore(doc, inspected);
  const reach = (client: number) => Y.getState(doc.store, client);
  const clients = clientsAhead(inspected, held);
  if (clients.some(isReservedId)) {
    return refused('reserved-id', 'The update writes under a client id that only dualpath writes under.');
  }
  const missing = missingFor(inspected, reach);
  for (const [client, clock] of missing) {
    if (clock - reach(client) > MAX_CLOCK_JUMP)
      return refused('clock-jump', 'The update starts further on than any missing updates could lead.');
  }
  if (missing.size > 0) {
    leaveDoc(state, doc);
    return { kind: 'pending', missing };
  }
  const conflict = overlaps(inspected, held) ? conflictWithHeld(doc, update, inspected.deletions) : null;
  if (conflict !== null) return refused(conflict, CONFLICTS[conflict]);
  if (clients.length === 0 && allDeleted(doc, inspected)) {
    // What it writes came before, and with it what it deletes: another tab of its device sent both.
    const isKnown = inspected.clients.size > 0;
    const suspicious = !isKnown && deletesTwice(doc, inspected.deletions, replica);
    leaveDoc(state, doc);
    return { kind: 'contained', suspicious };
  }
  return merge(doc, update, shape, { inspected, held, clients, replica, reading });
}

/** How much of a document is read to know its content. */
export type Reading = 'all' | 'changed';

interface Merge {
  readonly inspected: Inspected;
  readonly held: ReadonlyMap<number, number>;
  readonly clients: readonly number[];
  readonly replica: Replica | undefined;
  readonly reading: Reading;
}

function merge(doc: Y.Doc, update: Uint8Array, shape: StateShape, facts: Merge): Integrated {
  const { inspected, held, clients, replica, reading } = facts;
  const isSuspicious = watchMerge(doc, update, inspected, shape, held, replica);
  try {
    Y.applyUpdate(doc, update);
  } catch {
    return refused('unreadable', 'Yjs cannot apply the update.');
  }
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) {
    return refused('corrupt', 'The update is damaged: its items name each other in a circle.');
  }
  if (!standsInOrder(doc, held)) {
    return refused('corrupt', 'The update is damaged: it puts content beside what stands elsewhere.');
  }
  const misplaced = misplacedContent(doc, inspected, held, shape);
  if (misplaced !== null) return refused(misplaced.code, misplaced.reason);
  try {
    const changed = reading === 'changed' ? readChanged(doc, shape) : null;
    const content = changed ?? readDoc(doc, shape);
    const prove = () => {
      if (changed !== null && readDoc(doc, shape).canonical !== changed.canonical)
        throw new Error('What was read of the changed document is not what it holds.');
    };
    const suspicious = isSuspicious(content.canonical);
    return { kind: 'applied', state: encodedOnce(doc), content, prove, suspicious, clients };
  } catch (error) {
    if (error instanceof UndecodableError) return refused('unreadable', error.message);
    throw error;
  }
}

function encodedOnce(doc: Y.Doc): () => Uint8Array {
  let state: Uint8Array | null = null;
  return () => {
    if (state !== null) return state;
    state = Y.encodeStateAsUpdate(doc);
    leaveDoc(state, doc);
    return state;
  };
}

/**
 * The clients of which an update has something that a state does not hold.
 * @throws RejectedUpdateError
 * @throws UndecodableError if the state is damaged
 */
export function clientsOf(update: Uint8Array, state: Uint8Array): readonly number[] {
  const inspected = inspectUpdate(update);
  return clientsAhead(inspected, heldBefore(openUpdates(state), inspected));
}

const CONFLICTS = {
  'reused-id': 'The update holds other content than the document under the same ids.',
  'collected-id': 'The update holds text under ids of which the document only knows that they were deleted.',
} as const;

function inspectedOrRefused(update: Uint8Array, shape: StateShape): Inspected | Integrated {
  try {
    return inspectUpdate(update, shape);
  } catch (error) {
    if (error instanceof RejectedUpdateError) return refused(error.reason, error.message);
    throw error;
  }
}

function refused(code: RefusalCode, reason: string): Integrated {
  return { kind: 'refused', code, reason };
}

function heldBefore(doc: Y.Doc, { clients }: Inspected): ReadonlyMap<number, number> {
  return new Map([...clients.keys()].map((client) => [client, Y.getState(doc.store, client)]));
}

function clientsAhead({ clients }: Inspected, held: ReadonlyMap<number, number>): readonly number[] {
  return [...clients].filter(([client, { to }]) => to > (held.get(client) ?? 0)).map(([client]) => client);
}

function overlaps({ clients }: Inspected, held: ReadonlyMap<number, number>): boolean {
  return [...clients].some(([client, { from }]) => from < (held.get(client) ?? 0));
}

function allDeleted(doc: Y.Doc, { deletions }: Inspected): boolean {
  for (const [client, ranges] of deletions) {
    for (const { clock, length } of ranges) {
      for (const struct of structsIn(doc, client, clock, clock + length)) if (!struct.deleted) return false;
    }
  }
  return true;
}
