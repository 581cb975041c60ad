import { hash } from 'node:crypto';
import { parseUpdateMeta } from 'yjs';
import type { Format } from '../core/model.ts';
import { UndecodableError } from './undecodable-error.ts';

/** The root type of a document in its Yjs state: an XmlFragment for `prosemirror`, a Text for the others. */
export interface StateShape {
  readonly format: Format;
  readonly fragment: string;
}

/** What makes a seed this one: the document, which of its lives, and the legacy revision that was read. */
export interface SeedIdentity {
  readonly documentId: string;
  readonly lineage: string;
  readonly revision: string;
}

export type Purpose = 'seed' | 'capture' | 'repair' | 'save';

export interface ClientIdParts extends SeedIdentity {
  readonly purpose: Purpose;
  readonly shape: StateShape;
  /** SHA-256 of the content that the update leads to. */
  readonly fingerprint: Uint8Array;
  /** SHA-256 of the state that the update builds on; absent for a seed, which builds on nothing. */
  readonly preState?: Uint8Array;
}

/** Raise it with every change of what the encoders write: one client id must never carry two contents. */
const CONVERTER_VERSION = 1;

/**
 * Seeds take the ids from 2^52, captures and repairs those from 2^52 + 2^51, 51 bits each: below the 2^53 that
 * JavaScript counts exactly, far above the 32 bits that editors draw theirs from, and disjoint, so that the ids in a
 * state say by themselves how often it was seeded. Readers must count that far: yrs below 0.26 corrupts ids past 2^32.
 */
const SEED_IDS = 2 ** 52;
const CHANGE_IDS = 2 ** 52 + 2 ** 51;

/**
 * The Yjs client id of an update made here: a function of everything that decides its bytes. Yjs takes two contents
 * under one id for the same and diverges in silence, and doubles one content that comes under two ids.
 */
export function clientIdOf(parts: ClientIdParts): number {
  const { documentId, lineage, purpose, revision, shape, fingerprint, preState } = parts;
  const fields = [documentId, lineage, purpose, revision, hex(fingerprint), preState ? hex(preState) : ''];
  const digest = hash(
    'sha256',
    JSON.stringify([...fields, CONVERTER_VERSION, shape.format, shape.fragment]),
    'buffer',
  );
  const bits51 = digest.readUIntBE(0, 6) * 8 + (digest.readUInt8(6) >> 5);
  return (purpose === 'seed' ? SEED_IDS : CHANGE_IDS) + bits51;
}

/**
 * The seeds that a state holds: one for a healthy document, none for one that was seeded empty or never here, more for
 * a doubled one. An id in the seed range that dualpath never registered for the document was drawn by another program.
 * @throws UndecodableError if the bytes are no Yjs update
 */
export function clientIdsIn(state: Uint8Array): ReadonlySet<number> {
  const seeds = new Set<number>();
  for (const client of clientsOf(state)) {
    if (client >= SEED_IDS && client < CHANGE_IDS) seeds.add(client);
  }
  return seeds;
}

/** Is this one of the ids that dualpath writes under, and no device may? */
export function isReservedId(client: number): boolean {
  return client >= SEED_IDS;
}

function clientsOf(state: Uint8Array): Iterable<number> {
  try {
    return parseUpdateMeta(state).to.keys();
  } catch {
    throw new UndecodableError('state-corrupt', 'The Yjs state is damaged: Yjs cannot read it.');
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
