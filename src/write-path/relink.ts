import { createHash } from 'node:crypto';
import type { Capture } from '../documents/captures.ts';
import {
  type LinkedHead,
  moveHeads,
  NEVER_EQUAL,
  placeLinks,
  raiseVersions,
  TWICE,
} from '../documents/links.ts';
import { type LocalFirstRow, readStates } from '../documents/local-first.ts';
import {
  type DifferingPair,
  noteDiffering,
  notePairs,
  noteRuns,
  type Pair,
  readPairs,
} from '../documents/pairs.ts';
import { type Held, quarantine, release } from '../documents/quarantine.ts';
import type { Stores } from '../documents/stores.ts';
import { type Content, decodeState, isTwice, runsIn } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { Change } from './forward-step.ts';
import { hashOf, readContent, refusalOf } from './seed.ts';

type Outcome = 'unchanged' | 'moved' | 'taken' | 'quarantined';

/**
 * What `bringForward` is where the application writes both stores by itself: writes neither of them. A pair that is equal
 * is linked as it is now; one that differs keeps its link to the last content that both sides held, and is a version of
 * its own once it is still, so that it counts as one observation.
 */
export async function relink(
  tx: Queryable,
  stores: Stores,
  changes: readonly Change[],
  captures: readonly Capture[],
): Promise<ReadonlyMap<string, Outcome>> {
  const ids = changes.map(({ row }) => row.id);
  const states = byId(await readStates(tx, stores, ids, { lock: true }));
  const pairs = await readPairs(tx, ids, stores.config.settleMs);
  const looks = changes.map((change) =>
    lookAt(stores, change, states.get(change.row.id) ?? null, pairs.get(change.row.id) ?? null),
  );
  await notePairs(
    tx,
    looks.map((look) => seenPair(look, captures)),
  );
  await moveHeads(tx, looks.flatMap(linkedAnew));
  await placeLinks(tx, looks.flatMap(placedAnew));
  await noteRuns(tx, looks.flatMap(measuredAnew));
  await raiseVersions(
    tx,
    looks.filter(isNewMismatch).map(({ change }) => change.row.id),
  );
  await noteDiffering(tx, looks.flatMap(differingAnew));
  await quarantine(tx, looks.flatMap(heldAnew));
  await release(
    tx,
    looks
      .filter(({ change, row }) => change.held !== null && row !== null)
      .map(({ change }) => change.row.id),
  );
  return new Map(looks.map((look) => [look.change.row.id, outcomeOf(look)]));
}

/** A document with everything that was read of it. */
interface Look {
  readonly change: Change;
  readonly state: LocalFirstRow | null;
  readonly hash: Buffer | null;
  readonly pair: Pair | null;
  /** The pair is as it was when it was last seen. */
  readonly same: boolean;
  /** Null: the row cannot be kept in the local-first form. */
  readonly row: Content | null;
  /** Null: there is no state, or none that can be read. */
  readonly head: Content | null;
  readonly refusal: ReturnType<typeof refusalOf> | null;
}

function lookAt(stores: Stores, change: Change, state: LocalFirstRow | null, pair: Pair | null): Look {
  const read = attempt(() => readContent(stores, change.row));
  const head = state === null ? null : attempt(() => decodeState(state.state, stores.shape));
  return {
    change,
    state,
    hash: state === null ? null : hashOf(state.state),
    pair,
    same: pair !== null && pair.legacyXmin === change.row.xmin && pair.localXmin === (state?.xmin ?? null),
    row: read.content,
    head: head?.content ?? null,
    refusal: read.refusal,
  };
}

function attempt(read: () => Content): {
  readonly content: Content | null;
  readonly refusal: ReturnType<typeof refusalOf> | null;
} {
  try {
    return { content: read(), refusal: null };
  } catch (error) {
    return { content: null, refusal: refusalOf(error) };
  }
}

const isEqual = ({ row, head }: Look): boolean =>
  row !== null && head !== null && row.fingerprint.equals(head.fingerprint);

/** Neither side is what dualpath seeded, or last linked; a state that is gone was not written. */
const isWritten = ({ change: { link }, row, hash }: Look): boolean =>
  !(row?.fingerprint.equals(link.fingerprint) ?? false) || (hash !== null && !hash.equals(link.headHash));

/** A side with fewer writes than the other has missed one. */
function writesOf(look: Look, captures: readonly Capture[]) {
  if (isEqual(look)) return { legacyWrites: 0, localWrites: 0 };
  const { change, pair } = look;
  const ours = captures.filter(({ subject }) => subject === change.row.id);
  const local = ours.filter((capture) => capture.local).length;
  return {
    legacyWrites: (pair?.legacyWrites ?? 0) + ours.length - local,
    localWrites: (pair?.localWrites ?? 0) + local,
  };
}

const seenPair = (look: Look, captures: readonly Capture[]) => ({
  id: look.change.row.id,
  ...writesOf(look, captures),
  legacyXmin: look.change.row.xmin,
  localXmin: look.state?.xmin ?? null,
  written: isWritten(look),
});

/**
 * Equal, and not as it was linked, or not when it was last counted; or another owner's new document under an old id, which
 * nothing equals yet.
 */
function linkedAnew(look: Look): LinkedHead[] {
  const { change, row, hash, pair } = look;
  const { link, cohort, reborn } = change;
  const equal = isEqual(look);
  if (standsTwice(look)) return [];
  const linked = row?.fingerprint.equals(link.fingerprint) && hash?.equals(link.headHash) && !pair?.differing;
  if (!reborn && (!equal || linked)) return [];
  const held = becameTwice(look) ? TWICE : row?.fingerprint;
  const fingerprint = (equal ? held : undefined) ?? NEVER_EQUAL;
  const sameContent = !reborn && !pair?.differing && link.fingerprint.equals(fingerprint);
  return [
    {
      id: link.id,
      cohort,
      owner: change.row.owner,
      fingerprint,
      legacyRevision: change.row.revision,
      version: sameContent ? link.version : next(link.version),
      head: next(link.head),
      headHash: hash ?? link.headHash,
      lineage: reborn ? next(link.lineage) : link.lineage,
    },
  ];
}

/** Both sides hold it, and it is what they held before, twice: somebody seeded again, and mirrored that. */
const becameTwice = (look: Look): boolean => {
  const { row, pair, change } = look;
  return (
    row !== null && isEqual(look) && !isTwiceLinked(change) && pair?.runs != null && isTwice(row, pair.runs)
  );
};

/** It was found so, and nobody has written it since: the next write says whether it was meant. */
const standsTwice = ({ change, same }: Look): boolean => same && isTwiceLinked(change);

const isTwiceLinked = ({ link }: Change): boolean => link.fingerprint.equals(TWICE);

/** What both hold from now on is what a second seed would double. */
const measuredAnew = (look: Look) =>
  look.row !== null && linkedAnew(look).some(({ fingerprint }) => fingerprint === look.row?.fingerprint)
    ? [{ id: look.change.row.id, runs: runsIn(look.row) }]
    : [];

/** The link stands, and what it says beside the content does not; or its proof holds rows that are no more. */
function placedAnew(look: Look) {
  const { change, same } = look;
  const { row, link, cohort } = change;
  if (linkedAnew(look).length > 0) return [];
  const legacyRevision = isEqual(look) ? row.revision : link.legacyRevision;
  const placed =
    same &&
    link.cohort === cohort &&
    link.owner === row.owner &&
    link.legacyRevision === legacyRevision &&
    link.deletedAt === null;
  return placed ? [] : [{ id: row.id, cohort, owner: row.owner, legacyRevision }];
}

/** How a pair differs: the same for as long as both sides hold what they hold. */
function differenceOf({ row, head, hash }: Look): Buffer {
  const local = head?.fingerprint ?? hash ?? NEVER_EQUAL;
  return createHash('sha256')
    .update(row?.fingerprint ?? NEVER_EQUAL)
    .update(local)
    .digest();
}

function isNewMismatch(look: Look): boolean {
  const { change, pair, same, row } = look;
  if (isEqual(look) || row === null || change.reborn || pair === null || !pair.still || !same) return false;
  return !(pair.differing?.equals(differenceOf(look)) ?? false);
}

function differingAnew(look: Look): DifferingPair[] {
  const { change, pair } = look;
  if (isNewMismatch(look)) return [{ id: change.row.id, differing: differenceOf(look) }];
  return isEqual(look) && pair?.differing ? [{ id: change.row.id, differing: null }] : [];
}

function heldAnew({ change: { row, cohort }, refusal }: Look): Held[] {
  return refusal === null ? [] : [{ id: row.id, cohort, ...refusal, legacyXmin: row.xmin }];
}

function outcomeOf(look: Look): Outcome {
  const { change, refusal } = look;
  if (refusal !== null) return 'quarantined';
  if (linkedAnew(look).length > 0) return 'taken';
  return change.cohort === change.link.cohort ? 'unchanged' : 'moved';
}

const next = (number: string): string => String(BigInt(number) + 1n);

const byId = <T extends { readonly id: string }>(rows: readonly T[]): ReadonlyMap<string, T> =>
  new Map(rows.map((row) => [row.id, row]));
