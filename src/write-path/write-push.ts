import { writeLegacyRow } from '../documents/legacy-write.ts';
import { claimClients, joinUpdate, type PushIdentity, type WaitingUpdate } from '../documents/pushes.ts';
import { type LogEntry, type RowSide, recordWrite, type Write } from '../documents/record-write.ts';
import { DualpathError } from '../errors.ts';
import { type Content, type Merge, readLegacy, stateVectorOf, writeLegacy } from '../formats/index.ts';
import { lastIn } from '../postgres/brief-transaction.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { type Attempt, onLegacyPath } from './attempt.ts';
import type { StoreContext } from './context.ts';
import type { PushInput, PushResult } from './document-store-types.ts';
import type { LevelDocument } from './hold.ts';
import { keepConflict } from './keep-conflict.ts';
import { meanwhile } from './meanwhile.ts';
import type { Meeting, PlannedPush } from './plan-push.ts';
import { receiptOf } from './push-receipt.ts';
import { micros, numberedAlone } from './results.ts';
import { Refused } from './second-store.ts';
import { hashOf } from './seed.ts';

/** An update that is part of the document, not yet written. */
export interface DecidedPush {
  readonly sides: LevelDocument;
  readonly input: PushInput;
  readonly identity: PushIdentity;
  readonly plan: PlannedPush;
  readonly attempt: Attempt;
  /** It is in the log already, and waited for another one; null: it is new. */
  readonly waited: WaitingUpdate | null;
  /** Nothing follows it in the transaction. */
  readonly isLast: boolean;
}

/** Writes an update, its repair and the mirror, as one. */
export async function writePush(
  context: StoreContext,
  tx: Queryable,
  push: DecidedPush,
): Promise<PushResult> {
  const { stores } = context;
  const { sides, input, plan, waited, isLast } = push;
  const { link } = sides;
  const seq = BigInt(link.head) + 1n;
  const repair = plan.meeting?.repair ?? null;
  const head = String(repair === null ? seq : seq + 1n);
  const changed = !plan.content.fingerprint.equals(link.fingerprint);
  const version = changed ? String(BigInt(link.version) + 1n) : link.version;
  const [row, encoding] = await meanwhile(
    () => onLegacyPath(push.attempt, () => mirror(context, tx, push, plan.content, changed)),
    () => encoded(plan),
  );
  const { state, hash: stateHash, stateVector, tookMs: planningMs } = encoding();
  context.recent.set(input.id, { state, hash: stateHash });
  const review = plan.meeting?.merge ?? null;
  const conflict = plan.meeting ? await keepMeeting(tx, push, plan.meeting, version) : null;
  const outcome = plan.meeting === null ? 'applied' : 'merged';
  const links = changed && repair === null;
  // A number is given once.
  const number = waited?.seq ?? String(seq);
  const write: Write = {
    link,
    state,
    stateHash,
    log: logOf(push, String(seq), head, changed),
    version,
    fingerprint: plan.content.fingerprint,
    legacyRevision: row.revision,
    head,
    cohort: sides.row.cohort ?? link.cohort,
    owner: sides.row.owner,
    row: row.side,
    merged: changed,
    device: input.deviceId,
    served: null,
    receipt: {
      ...receiptOf(sides, input),
      outcome,
      revision: row.revision,
      version,
      baseKnown: plan.meeting?.base.known ?? null,
      seq: number,
      headAfter: head,
      words: review?.words ?? null,
      class: review?.class ?? null,
      conflict,
      legacyUs: micros(row.tookMs),
      localUs: micros(planningMs),
      agrees: changed ? true : null,
    },
  };
  const recorded = await recordWrite(isLast && plan.clients.length === 0 ? lastIn(tx) : tx, stores, write);
  const { fingerprint } = plan.content;
  if (waited !== null)
    await joinUpdate(tx, link.id, {
      seq: waited.seq,
      at: String(seq),
      links: links ? { version, fingerprint, revision: recorded.revision } : null,
    });
  await claimClients(tx, link.id, input.deviceId, plan.clients);
  return {
    serverSeq: Number(number),
    stateVector,
    outcome,
    ...(conflict === null ? {} : { conflict }),
  };
}

/** The update, unless it is there since it waited, and its repair. */
function logOf(
  { input, identity, plan, waited }: DecidedPush,
  seq: string,
  head: string,
  changed: boolean,
): readonly LogEntry[] {
  const repair = plan.meeting?.repair ?? null;
  const raw: LogEntry = {
    seq,
    payload: input.update,
    origin: 'push',
    push: identity,
    links: changed && repair === null,
  };
  return [
    ...(waited ? [] : [raw]),
    ...(repair
      ? [{ seq: head, payload: repair.update, origin: 'repair' as const, push: null, links: changed }]
      : []),
  ];
}

/**
 * The state, and the proof that it is what was planned, which takes as long as the row does.
 * @throws Refused if what was hoped of it is not so: it is taken in again, and read whole
 */
function encoded(plan: PlannedPush) {
  const startedAt = performance.now();
  const state = plan.state();
  try {
    plan.prove();
  } catch {
    throw new Refused();
  }
  const stateVector = stateVectorOf(state);
  return { state, hash: hashOf(state), stateVector, tookMs: performance.now() - startedAt };
}

interface Mirrored {
  readonly side: RowSide;
  readonly revision: string | null;
  readonly tookMs: number;
}

/** The legacy row holds the same at the commit, unless the mirror has stopped or nothing changed. */
async function mirror(
  { stores }: StoreContext,
  tx: Queryable,
  { sides, input }: DecidedPush,
  content: Content,
  changed: boolean,
): Promise<Mirrored> {
  const { link, row } = sides;
  if (sides.stage === 'completed') {
    const fingerprint = link.rowFingerprint ?? link.fingerprint;
    const revision = changed ? numberedAlone(stores, link, 1n) : link.legacyRevision;
    return { side: { left: { xmin: row.xmin, fingerprint } }, revision, tookMs: 0 };
  }
  if (!changed) return { side: { xmin: row.xmin, place: null }, revision: row.revision, tookMs: 0 };
  const startedAt = performance.now();
  const written = await writeLegacyRow(tx, stores, input.id, writeLegacy(content));
  if (written.altered !== null) requireSame(stores.shape.format, written.altered, content);
  return {
    side: { xmin: written.xmin, place: written.place },
    revision: written.revision,
    tookMs: performance.now() - startedAt,
  };
}

/** A trigger that rewrites what is mirrored would make the two stores differ for ever. */
function requireSame(format: Content['format'], raw: string, content: Content): void {
  if (readLegacy(format, raw).canonical === content.canonical) return;
  throw new DualpathError(
    'mirror-altered',
    'A trigger of the legacy table changes the content that is mirrored to it.',
    'Let the trigger leave the content column alone.',
  );
}

async function keepMeeting(
  tx: Queryable,
  { sides, input }: DecidedPush,
  meeting: NonNullable<PlannedPush['meeting']>,
  version: string,
): Promise<string | null> {
  const { base, baseContent, ours, theirs, merge } = meeting;
  return keepConflict(tx, {
    document: sides.key,
    cohort: sides.link.cohort,
    origin: 'push',
    device: input.deviceId,
    ...reviewOfPush(meeting),
    base: { known: base.known, content: baseContent },
    ours,
    theirs,
    result: merge.content,
    version,
  });
}

/** A doubtful base is worth a look where anything came of it. */
function reviewOfPush({ base, merge, repair }: Meeting): {
  readonly class: Merge['class'];
  readonly reasons: readonly string[];
} {
  if (!base.isDoubtful || (repair === null && merge.class === 'clean')) return merge;
  return { class: 'needs-review', reasons: [...merge.reasons, 'base-inferred'] };
}
