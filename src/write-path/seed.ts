import { createHash } from 'node:crypto';
import { isLongKey } from '../documents/document-key.ts';
import { type LegacyRow, lockLegacyRows } from '../documents/legacy.ts';
import { insertLinks, type NewLink, readLinks } from '../documents/links.ts';
import { insertStates, readStates } from '../documents/local-first.ts';
import { quarantine, release } from '../documents/quarantine.ts';
import type { Stores } from '../documents/stores.ts';
import { appendUpdates } from '../documents/updates.ts';
import { DualpathError, UnconvertibleError } from '../errors.ts';
import { type Content, clientIdsIn, decodeState, encodeSeed, readLegacy } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { adoptStates } from './adopt-states.ts';

/** Why a document stays on legacy: a code for programs, a sentence for people, no content. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

export interface Seed {
  readonly update: Uint8Array;
  readonly content: Content;
  /** Its Yjs client id as a decimal; null: an empty document's seed holds nothing. */
  readonly client: string | null;
}

/** A row with its seed, or with the reason why it has none. */
export type PreparedRow =
  | { readonly row: LegacyRow; readonly seed: Seed }
  | { readonly row: LegacyRow; readonly quarantine: Refusal };

/** The first life of a document; one that another owner creates again under its id gets the next. */
const FIRST_LINEAGE = '1';

/** Owners are indexed like ids, and as short. */
const LONGEST_OWNER_BYTES = 1_000;

/**
 * Converts a row and proves that nothing is lost by it: the seed, decoded, must equal the content. Pure, and the same
 * bytes wherever it runs, so it needs no lock; what it is worth is decided when it is written.
 */
export function prepareRow(stores: Stores, row: LegacyRow, lineage: string = FIRST_LINEAGE): PreparedRow {
  try {
    const content = readContent(stores, row);
    const update = encodeSeed(content, stores.shape, {
      documentId: row.id,
      lineage,
      revision: row.revision ?? '',
    });
    requireSame(stores, update, content);
    const [client] = clientIdsIn(update);
    return { row, seed: { update, content, client: client === undefined ? null : String(client) } };
  } catch (error) {
    return { row, quarantine: refusalOf(error) };
  }
}

/** @throws UnconvertibleError when the row cannot be kept in the local-first form. */
export function readContent(stores: Stores, row: LegacyRow): Content {
  if (isLongKey(row.id))
    throw new UnconvertibleError('id-too-long', 'Its id is too long to be kept in an index of Postgres.');
  if (Buffer.byteLength(row.owner ?? '', 'utf8') > LONGEST_OWNER_BYTES)
    throw new UnconvertibleError(
      'owner-too-long',
      'Its owner is too long to be kept in an index of Postgres.',
    );
  if (row.content === null)
    throw new UnconvertibleError('no-content', 'Its content is NULL, which is not an empty document.');
  return readLegacy(stores.config.documents.format, row.content);
}

/** @throws UnconvertibleError when the state does not hold exactly this content. */
export function requireSame(stores: Stores, state: Uint8Array, content: Content): void {
  if (decodeState(state, stores.shape).fingerprint.equals(content.fingerprint)) return;
  throw new UnconvertibleError(
    'not-exact',
    'Its content does not come back from the local-first form unchanged.',
  );
}

/** Any failure of a conversion holds one document and stops nothing else; only our own messages are free of content. */
export function refusalOf(error: unknown): Refusal {
  return error instanceof DualpathError
    ? { code: error.code, reason: error.message }
    : { code: 'conversion-failed', reason: 'Its content cannot be converted to the local-first form.' };
}

export interface Seeding {
  readonly seeded: number;
  readonly quarantined: number;
  /** Their rows changed since they were read: read and prepare them again. Those that are gone are in neither. */
  readonly stale: readonly string[];
}

/**
 * Seeds prepared rows in the caller's transaction: the legacy rows are locked in the order of their ids, and only a row
 * that is still the one that was converted is seeded. What is linked already, by whomever, is left alone; a deleted
 * document that was created again is `takeIn`'s. One statement a table, however many rows.
 */
export async function seedDocuments(
  tx: Queryable,
  stores: Stores,
  cohort: string,
  rows: readonly PreparedRow[],
): Promise<Seeding> {
  const locked = await lockLegacyRows(
    tx,
    stores,
    rows.map(({ row }) => row.id),
  );
  const xmins = new Map(locked.map((row) => [row.id, row.xmin]));
  const fresh = rows.filter(({ row }) => xmins.get(row.id) === row.xmin);
  const stale = rows.filter(({ row }) => xmins.has(row.id) && xmins.get(row.id) !== row.xmin);
  const outcome = await seedLocked(
    tx,
    stores,
    fresh.map((prepared) => ({ cohort, prepared })),
  );
  return {
    seeded: outcome.seeded.size,
    quarantined: outcome.quarantined.size,
    stale: stale.map(({ row }) => row.id),
  };
}

export interface SeedOutcome {
  readonly seeded: ReadonlySet<string>;
  readonly quarantined: ReadonlySet<string>;
}

/** Seeds rows that the caller holds locked, each for its cohort. */
export async function seedLocked(
  tx: Queryable,
  stores: Stores,
  seeds: readonly { readonly cohort: string; readonly prepared: PreparedRow }[],
): Promise<SeedOutcome> {
  const linked = new Set(
    (
      await readLinks(
        tx,
        seeds.map(({ prepared }) => prepared.row.id),
      )
    ).map((link) => link.id),
  );
  const refused = new Map<string, Refusal>();
  const fresh: NewSeed[] = [];
  for (const { cohort, prepared } of seeds) {
    if (linked.has(prepared.row.id)) continue;
    if ('quarantine' in prepared) refused.set(prepared.row.id, prepared.quarantine);
    else fresh.push({ cohort, row: prepared.row, seed: prepared.seed, state: prepared.seed.update });
  }
  const placed = await PLACE[stores.config.writePath](tx, stores, fresh, refused);
  await writeSeeds(tx, placed);
  await quarantine(
    tx,
    seeds.flatMap(({ cohort, prepared: { row } }) => {
      const refusal = refused.get(row.id);
      return refusal ? [{ id: row.id, cohort, ...refusal, legacyXmin: row.xmin }] : [];
    }),
  );
  return { seeded: new Set(placed.map(({ row }) => row.id)), quarantined: new Set(refused.keys()) };
}

/** Who may put a state where there is one already depends on who writes the local-first table. */
const PLACE = { library: placeStates, own: adoptStates } as const;

export interface NewSeed {
  readonly cohort: string;
  readonly row: LegacyRow;
  readonly seed: Seed;
  readonly state: Uint8Array;
  /** The application wrote the state: nothing of it is registered. The fingerprint is of what both sides hold. */
  readonly foreign?: { readonly fingerprint: Uint8Array };
}

/**
 * Puts the states in place. A state that is there already was written by another program, or by us before our schema was
 * removed: a second seed would double it, so it is taken as it is where it holds the row's content, and else left alone.
 */
async function placeStates(
  tx: Queryable,
  stores: Stores,
  fresh: readonly NewSeed[],
  refused: Map<string, Refusal>,
): Promise<readonly NewSeed[]> {
  const inserted = await insertStates(
    tx,
    stores,
    fresh.map(({ row, state }) => ({ id: row.id, state })),
  );
  const others = fresh.filter(({ row }) => !inserted.has(row.id));
  if (others.length === 0) return fresh;
  const found = await readStates(
    tx,
    stores,
    others.map(({ row }) => row.id),
    { lock: true },
  );
  const states = new Map(found.map(({ id, state }) => [id, state]));
  return fresh.flatMap((one): NewSeed[] => {
    if (inserted.has(one.row.id)) return [one];
    const state = states.get(one.row.id);
    if (state && holds(stores, state, one.seed.content)) return [adopt(one, state)];
    refused.set(one.row.id, FOREIGN_STATE);
    return [];
  });
}

const FOREIGN_STATE: Refusal = {
  code: 'foreign-state',
  reason: 'The local-first table holds another content for it, which dualpath did not write.',
};

function holds(stores: Stores, state: Uint8Array, content: Content): boolean {
  try {
    return decodeState(state, stores.shape).fingerprint.equals(content.fingerprint);
  } catch {
    return false;
  }
}

/** A seed that is not ours for this document is not registered as such. */
function adopt(one: NewSeed, state: Uint8Array): NewSeed {
  const { client } = one.seed;
  const ours = client !== null && clientIdsIn(state).has(Number(client));
  return { ...one, state, seed: { ...one.seed, update: state, client: ours ? client : null } };
}

async function writeSeeds(tx: Queryable, seeds: readonly NewSeed[]): Promise<void> {
  await insertLinks(
    tx,
    seeds.map(
      ({ cohort, row, seed, state, foreign }): NewLink => ({
        id: row.id,
        cohort,
        owner: row.owner,
        fingerprint: foreign?.fingerprint ?? seed.content.fingerprint,
        legacyRevision: row.revision,
        lineage: FIRST_LINEAGE,
        headHash: hashOf(state),
      }),
    ),
  );
  const ours = seeds.filter(({ foreign }) => foreign === undefined);
  await appendUpdates(
    tx,
    ours.map(({ row, seed }) => ({
      id: row.id,
      seq: '1',
      payload: seed.update,
      origin: 'seed',
      client: seed.client,
      version: '1',
      fingerprint: seed.content.fingerprint,
      legacyRevision: row.revision,
    })),
  );
  await release(
    tx,
    seeds.map(({ row }) => row.id),
  );
}

/** What a link records of the state as it was last written. */
export const hashOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
