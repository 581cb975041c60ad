import { type Bounds, pagesOf } from '../core/chunks.ts';
import { type LegacyRow, readLegacyRows } from '../documents/legacy.ts';
import { type Link, readLinks } from '../documents/links.ts';
import { type LocalFirstRow, readStates } from '../documents/local-first.ts';
import { readPairs, type Pair as SeenPair } from '../documents/pairs.ts';
import { readQuarantine } from '../documents/quarantine.ts';
import type { Stores } from '../documents/stores.ts';
import { type Content, clientIdsIn, decodeState, readLegacy } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { hashOf } from '../write-path/seed.ts';
import { compare, type Pair, type Reading, reading } from './compare.ts';
import { comparePaired } from './compare-paired.ts';
import type { Finding } from './finding.ts';
import { readCompleted, readSeedClients, readSizes, readWaiting } from './look-sql.ts';

/**
 * Bytes of both sides that are read and decoded at a time, so that memory depends on the largest document and not on how
 * many there are. 2 MB are some 20 MB as decoded objects, and enough that round trips do not show.
 */
const PART: Bounds = { documents: Number.POSITIVE_INFINITY, bytes: 2 * 1024 * 1024 };

/**
 * Compares documents as `db` sees them, which must be one snapshot or hold the rows locked: a library's write changes
 * both sides in one transaction, so what differs inside one snapshot really differed. Reads only; decoding changes no
 * bytes.
 */
export async function look(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
): Promise<readonly Finding[]> {
  if (ids.length === 0) return [];
  const findings: Finding[] = [];
  const sizes = await readSizes(db, stores, ids);
  const sized = ids.map((id) => ({ id, bytes: sizes.get(id) ?? 0 }));
  for (const part of pagesOf(sized, PART)) findings.push(...(await lookAtPart(db, stores, part)));
  return findings;
}

async function lookAtPart(
  db: Queryable,
  stores: Stores,
  ids: readonly string[],
): Promise<readonly Finding[]> {
  const legacy = byId(await readLegacyRows(db, stores, ids));
  const links = byId(await readLinks(db, ids));
  const states = byId(await readStates(db, stores, ids));
  const quarantined = byId(await readQuarantine(db, ids));
  const waiting = await readWaiting(db, ids);
  const pairs = stores.config.writePath === 'own' ? await readPairs(db, ids, stores.config.settleMs) : null;
  const seeds = await countSeeds(db, [...states.values()]);
  const completed = await readCompleted(db);
  const compareAs = COMPARE[stores.config.writePath];
  return ids.map((id) => {
    const row = legacy.get(id) ?? null;
    const link = links.get(id) ?? null;
    const state = states.get(id) ?? null;
    const held = quarantined.get(id) ?? null;
    return {
      id,
      cohort: link?.cohort ?? held?.cohort ?? row?.cohort ?? null,
      comparison: compareAs(
        pairOf(
          stores,
          row,
          link,
          state,
          seeds.get(id) ?? 0,
          held !== null,
          completed,
          behindOf(pairs?.get(id)),
        ),
      ),
      seen: { legacyXmin: row?.xmin ?? null, localXmin: state?.xmin ?? null, head: link?.head ?? null },
      version: link?.version ?? null,
      observed: link?.observed ?? null,
      waiting: waiting.has(id),
      still: pairs === null || isStill(pairs.get(id), row?.xmin ?? null, state?.xmin ?? null),
    };
  });
}

const COMPARE = { library: compare, own: comparePaired } as const;

/** Its rows are those that were seen `settle` ago. */
const isStill = (pair: SeenPair | undefined, legacyXmin: string | null, localXmin: string | null): boolean =>
  pair?.still === true && pair.legacyXmin === legacyXmin && pair.localXmin === localXmin;

function behindOf(pair: SeenPair | undefined): Pair['behind'] {
  if (!pair || pair.legacyWrites === pair.localWrites) return null;
  return pair.legacyWrites < pair.localWrites ? 'legacy' : 'local-first';
}

function pairOf(
  stores: Stores,
  row: LegacyRow | null,
  link: Link | null,
  state: LocalFirstRow | null,
  seeds: number,
  quarantined: boolean,
  completed: ReadonlySet<string>,
  behind: Pair['behind'],
): Pair {
  return {
    legacy: row && { reading: readRow(stores, row), revision: row.revision },
    link: link && {
      fingerprint: link.fingerprint,
      legacyRevision: link.legacyRevision,
      headHash: link.headHash,
      deleted: link.deletedAt !== null,
      leftRow: completed.has(link.cohort) ? leftBy(stores, link) : null,
    },
    localFirst: state && {
      reading: reading(() => decodeState(state.state, stores.shape)),
      hash: hashOf(state.state),
      seeds,
    },
    quarantined,
    behind,
  };
}

/** An application that makes both writes stops the second one by itself: then the row is what both held last. */
const leftBy = ({ config }: Stores, { rowFingerprint, fingerprint }: Link): Uint8Array | null =>
  config.writePath === 'own' ? fingerprint : rowFingerprint;

function readRow(stores: Stores, { content }: LegacyRow): Reading {
  if (content === null) return { unreadable: 'the row holds no content' };
  return reading((): Content => readLegacy(stores.shape.format, content));
}

/** How many registered seeds each state holds: with two of them it is a document twice. */
async function countSeeds(
  db: Queryable,
  states: readonly LocalFirstRow[],
): Promise<ReadonlyMap<string, number>> {
  const clients = new Map(states.map(({ id, state }) => [id, clientsOf(state)]));
  const registered = await readSeedClients(db, [...new Set([...clients.values()].flat())]);
  return new Map(
    [...clients].map(([id, held]) => [id, held.filter((client) => registered.has(client)).length]),
  );
}

/** Bytes that cannot be read hold no seed that counts: the state is found undecodable when it is decoded. */
function clientsOf(state: Uint8Array): readonly string[] {
  try {
    return [...clientIdsIn(state)].map(String);
  } catch {
    return [];
  }
}

const byId = <T extends { readonly id: string }>(rows: readonly T[]): ReadonlyMap<string, T> =>
  new Map(rows.map((row) => [row.id, row]));
