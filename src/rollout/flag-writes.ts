import { GUARD, type Strategy, TITLE_PREFIX, wantedStrategies } from '../core/flag-plan.ts';
import { FLAG_ROLES, type FlagRole } from '../core/model.ts';
import type { FlagReading } from '../core/observation.ts';
import type { FlagWrite } from '../core/transitions.ts';
import { assertFence, type Fence } from '../documents/fence.ts';
import { DualpathError } from '../errors.ts';
import { appendJournal } from '../evidence/journal.ts';
import { compareFlags, type FlagDrift, flagsChanged } from '../flags/drift.ts';
import type { OwnStrategy } from '../flags/port.ts';
import { underNamedLock } from '../postgres/named-lock.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { requireParity } from '../soak/parity.ts';
import {
  type FlagRecord,
  readFlagRecord,
  recordAdopted,
  recordConfirmed,
  recordIntended,
} from './flag-records.ts';
import type { Session } from './session.ts';

/** One flag as it was seen: what stands at the provider and is confirmed, or why it could not be seen. */
export interface FlagSight {
  readonly record: FlagRecord | null;
  readonly drift: readonly FlagDrift[];
  readonly unseen: DualpathError | null;
}

/** Looks at one flag and holds it against what we last confirmed. */
export async function lookAtFlag(session: Session, role: FlagRole): Promise<FlagSight> {
  const record = await readFlagRecord(session.pool, role);
  if (!record) return { record, drift: [], unseen: null };
  try {
    const seen = await session.flags.observe(role);
    const drift = compareFlags(record.confirmed, seen, record.intended ?? record.confirmed);
    return { record, drift, unseen: null };
  } catch (error) {
    if (error instanceof DualpathError) return { record, drift: [], unseen: error };
    throw error;
  }
}

export function readingOf({ record, drift, unseen }: FlagSight, cohort: string): FlagReading {
  if (unseen) return 'unknown';
  if (drift.length > 0) return 'drifted';
  const on = isOn(record?.confirmed ?? [], cohort);
  if (record?.intended && isOn(record.intended, cohort) !== on) return 'unconfirmed';
  return on ? 'on' : 'off';
}

/**
 * Turns one flag on or off for one cohort: journaled as intended before the write and as confirmed once the provider
 * shows it and the SDK answers it for every user. A crash or a lost answer in between leaves the intention on record;
 * the next call looks at what stands and goes on from there. Writers of all controllers queue on a lock.
 * @throws HeldError `flags-changed` when someone else changed the flag; UnavailableError; FlagOutcomeUnknownError.
 */
export async function setFlag(session: Session, fence: Fence, { role, on }: FlagWrite): Promise<void> {
  const { pool, flags, stores, operator } = session;
  const { cohort } = fence;
  const flag = flagName(session, role);
  await oneAtATime(session, async () => {
    await flags.prepare(Object.keys(stores.config.users.attributes));
    await adoptOther(session, role);
    const record = await readFlagRecord(pool, role);
    const wanted = wantedStrategies(
      stores.config.cohorts,
      cohortsOn(session, record?.confirmed ?? [], { cohort, on }),
    );
    const expected = await standing(session, role, record);
    await inTransaction(pool, async (tx) => {
      await assertFence(tx, fence);
      await recordIntended(tx, role, flag, wanted, record?.confirmed ?? []);
      await appendJournal(tx, operator, 'flag-intended', cohort, { flag, on, strategies: titles(wanted) });
    });
    await flags.apply(role, wanted, expected);
    await readBack(session, role, wanted);
    await requireParity(session, role, cohortsOn(session, wanted));
    await inTransaction(pool, async (tx) => {
      await assertFence(tx, fence);
      await recordConfirmed(tx, role, wanted);
      await appendJournal(tx, operator, 'flag-confirmed', cohort, { flag, on, strategies: titles(wanted) });
    });
  });
}

/**
 * Looks at what became of a write whose outcome was never recorded, and records what stands. Writes nothing to the provider.
 * @throws HeldError `flags-changed` when what stands is neither what was there before nor what was wanted.
 */
export async function confirmFlag(session: Session, fence: Fence, role: FlagRole): Promise<void> {
  const { pool, flags, operator } = session;
  const { cohort } = fence;
  await oneAtATime(session, async () => {
    const record = await readFlagRecord(pool, role);
    if (!record?.intended) return;
    const seen = await flags.observe(role);
    const drift = compareFlags(record.confirmed, seen, record.intended);
    if (drift.length > 0) throw flagsChanged(drift);
    const stands = withoutIds(seen.strategies);
    await requireParity(session, role, cohortsOn(session, stands));
    await inTransaction(pool, async (tx) => {
      await assertFence(tx, fence);
      await recordConfirmed(tx, role, stands);
      await appendJournal(tx, operator, 'flag-confirmed', cohort, { role, strategies: titles(stands) });
    });
  });
}

/** Flag writers queue: Unleash itself has no optimistic locking. */
export const oneAtATime = ({ pool, signal }: Session, work: () => Promise<void>): Promise<void> =>
  underNamedLock(pool, 'dualpath.flags', work, signal);

/** A flag that was prepared and never written selects nobody; recorded, what somebody makes of it by hand is seen at once. */
async function adoptOther(session: Session, written: FlagRole): Promise<void> {
  for (const role of FLAG_ROLES)
    if (role !== written) await recordAdopted(session.pool, role, flagName(session, role), [GUARD]);
}

export const flagName = ({ stores: { config } }: Session, role: FlagRole): string =>
  role === 'default' ? config.flags.default : config.flags.dualWrite;

const withoutIds = (strategies: readonly OwnStrategy[]): readonly Strategy[] =>
  strategies.map(({ id: _, ...strategy }) => strategy);

/** What may be overwritten: what we confirmed or, after a write whose outcome was never known, what that explains. */
async function standing(
  session: Session,
  role: FlagRole,
  record: FlagRecord | null,
): Promise<readonly Strategy[] | undefined> {
  if (!record) return undefined;
  if (!record.intended) return record.confirmed;
  const seen = await session.flags.observe(role);
  const drift = compareFlags(record.confirmed, seen, record.intended);
  if (drift.length > 0) throw flagsChanged(drift);
  return seen.strategies;
}

export async function readBack(session: Session, role: FlagRole, wanted: readonly Strategy[]): Promise<void> {
  const drift = compareFlags(wanted, await session.flags.observe(role));
  if (drift.length > 0) throw flagsChanged(drift);
}

/** The cohorts that a flag is confirmed on for, with one of them changed. */
export function cohortsOn(
  session: Session,
  confirmed: readonly Strategy[],
  change?: { readonly cohort: string; readonly on: boolean },
): ReadonlySet<string> {
  const on = new Set(
    session.stores.config.cohorts.map((cohort) => cohort.name).filter((name) => isOn(confirmed, name)),
  );
  if (change?.on) on.add(change.cohort);
  else if (change) on.delete(change.cohort);
  return on;
}

export const isOn = (confirmed: readonly Strategy[], cohort: string): boolean =>
  confirmed.some((strategy) => strategy.title === TITLE_PREFIX + cohort);

export const titles = (strategies: readonly Strategy[]): readonly string[] =>
  strategies.map((each) => each.title);
