import type { WritePathMode } from '../config/config.ts';
import { type Capture, claimCaptures, deleteCaptures, keepReplaced } from '../documents/captures.ts';
import { readLegacyRows } from '../documents/legacy.ts';
import { buryLinks, readLinks } from '../documents/links.ts';
import { type Held, quarantine, readQuarantine, release } from '../documents/quarantine.ts';
import { startedCohorts } from '../documents/started-cohorts.ts';
import type { Stores } from '../documents/stores.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { attendStrays } from './attend-strays.ts';
import { type Decision, decide } from './decide-ingest.ts';
import { bringForward } from './forward.ts';
import type { Change } from './forward-step.ts';
import { relink } from './relink.ts';
import { prepareRow, seedLocked } from './seed.ts';

export type Outcome = 'unchanged' | 'taken' | 'seeded' | 'moved' | 'deleted' | 'quarantined';

/** What became of a document. */
export interface Taken {
  readonly id: string;
  /** `moved`: to another cohort, with the same content; `taken`: a change of content, whatever else changed. */
  readonly outcome: Outcome;
}

/**
 * Compares the legacy rows of these documents with the content that was last linked, and takes in what another program
 * wrote. Everything is held from here to the commit, so that the two stores are equal when the transaction ends, outside
 * quarantine: legacy rows, links, local-first rows, each in the order of the ids. The row as locked is the truth; its
 * captures are deleted, and what they say was replaced in between is kept.
 *
 * `started`: the cohorts whose members are seeded, and `captures`: those that the transaction has claimed for these
 * documents already; each is looked up where the caller does not have it.
 */
export async function takeIn(
  tx: Queryable,
  stores: Stores,
  ids: readonly string[],
  started?: ReadonlySet<string>,
  captures?: readonly Capture[],
): Promise<readonly Taken[]> {
  const unique = [...new Set(ids)];
  if (unique.length === 0) return [];
  const cohorts = started ?? (await startedCohorts(tx));
  const claimed = captures ?? (await claimCaptures(tx, 'document', unique));
  const decisions = await decideAll(tx, stores, unique, cohorts, claimed);
  const outcomes = new Map<string, Outcome>();
  await letGo(tx, decisions, outcomes);
  await attendStrays(
    tx,
    stores,
    decisions.filter(({ kind }) => kind === 'nothing').map(({ id }) => id),
  );
  await hold(tx, decisions, outcomes);
  await seed(tx, stores, decisions, outcomes);
  await forward(tx, stores, decisions, outcomes, claimed);
  await settleCaptures(tx, stores, claimed);
  return unique.map((id) => ({ id, outcome: outcomes.get(id) ?? 'unchanged' }));
}

async function decideAll(
  tx: Queryable,
  stores: Stores,
  ids: readonly string[],
  started: ReadonlySet<string>,
  captures: readonly Capture[],
): Promise<readonly Decided[]> {
  const rows = byId(await readLegacyRows(tx, stores, ids, { lock: true }));
  const links = byId(await readLinks(tx, ids, { lock: true }));
  const held = byId(await readQuarantine(tx, ids));
  const gone = new Set(captures.filter((capture) => capture.gone).map((capture) => capture.subject));
  return ids.map((id): Decided => {
    const situation = {
      row: rows.get(id) ?? null,
      link: links.get(id) ?? null,
      held: held.get(id) ?? null,
      wasGone: gone.has(id),
      started,
    };
    return { id, held: situation.held, ...decide(situation) };
  });
}

async function settleCaptures(tx: Queryable, stores: Stores, captures: readonly Capture[]): Promise<void> {
  const idsOf = (some: readonly Capture[]): readonly string[] => some.map((capture) => capture.id);
  await keepReplaced(tx, stores, idsOf(captures.filter((capture) => capture.hasContent)));
  await deleteCaptures(tx, idsOf(captures));
}

type Decided = Decision & { readonly id: string; readonly held: Held | null };
type Outcomes = Map<string, Outcome>;

const byId = <T extends { readonly id: string }>(rows: readonly T[]): ReadonlyMap<string, T> =>
  new Map(rows.map((row) => [row.id, row]));

async function letGo(tx: Queryable, decisions: readonly Decided[], outcomes: Outcomes): Promise<void> {
  const buried = decisions.filter(({ kind }) => kind === 'bury').map(({ id }) => id);
  const released = decisions.filter(({ kind }) => kind === 'release' || kind === 'bury').map(({ id }) => id);
  await buryLinks(tx, buried);
  await release(tx, released);
  for (const id of buried) outcomes.set(id, 'deleted');
}

/** Nothing is tried again; only the cohort that counts it may be another one by now. */
async function hold(tx: Queryable, decisions: readonly Decided[], outcomes: Outcomes): Promise<void> {
  const moved: Held[] = [];
  for (const decision of decisions) {
    if (decision.kind !== 'hold') continue;
    outcomes.set(decision.id, 'quarantined');
    if (decision.held && decision.held.cohort !== decision.cohort)
      moved.push({ ...decision.held, cohort: decision.cohort });
  }
  await quarantine(tx, moved);
}

async function seed(
  tx: Queryable,
  stores: Stores,
  decisions: readonly Decided[],
  outcomes: Outcomes,
): Promise<void> {
  const seeds = decisions.flatMap((decision) =>
    decision.kind === 'seed' ? [{ cohort: decision.cohort, prepared: prepareRow(stores, decision.row) }] : [],
  );
  const { seeded, quarantined } = await seedLocked(tx, stores, seeds);
  for (const id of seeded) outcomes.set(id, 'seeded');
  for (const id of quarantined) outcomes.set(id, 'quarantined');
}

/** What another program wrote is carried over to the head; or, where it writes both, looked at. */
const FOLLOW: Readonly<Record<WritePathMode, Follow>> = { library: bringForward, own: relink };

type Follow = (
  tx: Queryable,
  stores: Stores,
  changes: readonly Change[],
  captures: readonly Capture[],
) => Promise<ReadonlyMap<string, Outcome>>;

async function forward(
  tx: Queryable,
  stores: Stores,
  decisions: readonly Decided[],
  outcomes: Outcomes,
  captures: readonly Capture[],
): Promise<void> {
  const changes = decisions.flatMap((decision) =>
    decision.kind === 'compare' || decision.kind === 'reseed'
      ? [{ ...decision, reborn: decision.kind === 'reseed' }]
      : [],
  );
  const follow = FOLLOW[stores.config.writePath];
  for (const [id, outcome] of await follow(tx, stores, changes, captures)) outcomes.set(id, outcome);
}
