import type { KeptUpdate } from '../documents/kept.ts';
import {
  type Content,
  contentWithoutEmbeds,
  decodeState,
  hasWords,
  integrateUpdate,
  mergeUpdates,
  replicaAt,
  type StateShape,
  UndecodableError,
} from '../formats/index.ts';

/**
 * The state that a document had when its log had come to a head, in the life that this head belongs to: a document that was
 * deleted and created again by another owner has a seed for each.
 */
export function stateAt(log: readonly KeptUpdate[], head: bigint): Uint8Array {
  const seeds = log.filter(({ origin, seq }) => origin === 'seed' && BigInt(seq) <= head);
  const seed = seeds.reduce((newest, { seq }) => (BigInt(seq) > newest ? BigInt(seq) : newest), 0n);
  const held = log.filter(
    ({ apart, seq, joined }) => apart === null && BigInt(seq) >= seed && BigInt(joined) <= head,
  );
  return mergeUpdates(held.map(({ payload }) => payload));
}

/** What was read of a document with an update in it. */
export interface ReadWith {
  readonly content: Content;
  /** So many embeds, which the format has no place for, are not in it. */
  readonly embeds: number;
}

/**
 * The document with an update in it that never became part of it: on what it was then; else on the shortest beginning of its log
 * that the update builds on, which is before whatever it clashes with; else without embeds that the format has no place for;
 * else by itself. Null: it fits nowhere.
 * @param upto the heads that may have been before it, in order
 */
export function contentWith(
  log: readonly KeptUpdate[],
  upto: readonly bigint[],
  update: Uint8Array,
  shape: StateShape,
): ReadWith | null {
  const newest = upto.at(-1);
  const state = newest === undefined ? null : stateAt(log, newest);
  const content = (state && applied(state, update, shape)) ?? onShortest(log, upto, update, shape);
  if (content !== null) return { content, embeds: 0 };
  const without = state && contentWithoutEmbeds(state, update, shape);
  if (without !== null) return without;
  const alone = readable(() => decodeState(replicaAt([update]), shape));
  // By itself, what writes elsewhere than in the document is an empty one, which would hide that its words are not shown.
  return alone !== null && hasWords(alone) ? { content: alone, embeds: 0 } : null;
}

/** By bisection: what fits a beginning of the log fits every longer one of the same life. */
function onShortest(
  log: readonly KeptUpdate[],
  upto: readonly bigint[],
  update: Uint8Array,
  shape: StateShape,
): Content | null {
  let [low, high] = [0, upto.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    const fits = integrateUpdate(stateAt(log, upto[middle] ?? 0n), update, shape).kind !== 'pending';
    if (fits) high = middle;
    else low = middle + 1;
  }
  const head = upto[low];
  return head === undefined ? null : applied(stateAt(log, head), update, shape);
}

function applied(state: Uint8Array, update: Uint8Array, shape: StateShape): Content | null {
  const found = integrateUpdate(state, update, shape);
  if (found.kind === 'applied') return found.content;
  return found.kind === 'contained' ? readable(() => decodeState(state, shape)) : null;
}

/** What cannot be read as a document is none. */
export function readable(read: () => Content): Content | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof UndecodableError) return null;
    throw error;
  }
}

/** Heads of the life that was there at a place of the log, in order. */
export function headsUpto(
  log: readonly KeptUpdate[],
  before: (update: KeptUpdate) => boolean,
): readonly bigint[] {
  const earlier = log.filter(before);
  const seed = earlier.findLast(({ origin }) => origin === 'seed');
  if (seed === undefined) return [];
  const heads = earlier.filter(({ apart, seq }) => apart === null && BigInt(seq) >= BigInt(seed.seq));
  return [...new Set(heads.map(({ joined }) => BigInt(joined)))];
}
