import type { Strategy } from '../core/flag-plan.ts';
import { FLAG_ROLES, type FlagRole } from '../core/model.ts';
import { UsageError } from '../errors.ts';
import { appendJournal } from '../evidence/journal.ts';
import { isGone } from '../flags/gone.ts';
import type { FlagObservation } from '../flags/port.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { requireParity } from '../soak/parity.ts';
import { readCohortRecords } from './cohort-records.ts';
import { type FlagRecord, readFlagRecord, recordConfirmed, recordIntended } from './flag-records.ts';
import { cohortsOn, flagName, isOn, oneAtATime, readBack, titles } from './flag-writes.ts';
import type { Session } from './session.ts';

/** A flag that was brought back, or would be, and the cohorts that it is on for. */
export interface RestoredFlag {
  readonly role: FlagRole;
  readonly flag: string;
  readonly cohorts: readonly string[];
}

/**
 * Brings back flags that are gone, as they were last confirmed; cohorts that are being rolled back are left out, for
 * they would only be turned off again. A flag that is gone answers off, which somebody may have wanted: so nothing but a
 * person's asking comes here, and it is journaled with their reason. A flag that is there is not touched, whatever it says.
 * May be killed anywhere and run again.
 * @throws UsageError `reason-needed`
 */
export async function restoreFlags(
  session: Session,
  { dryRun }: { readonly dryRun: boolean },
): Promise<readonly RestoredFlag[]> {
  if (!dryRun && session.operator.reason === null) throw reasonNeeded();
  const restored: RestoredFlag[] = [];
  await oneAtATime(session, async () => {
    for (const role of FLAG_ROLES) {
      const record = await readFlagRecord(session.pool, role);
      // A flag that was never confirmed is not missed: the next start creates it.
      if (!record || record.confirmed.length === 0) continue;
      const seen = await session.flags.observe(role);
      if (!isGone(seen)) continue;
      refuseOtherName(record, flagName(session, role));
      const strategies = await strategiesToRestore(session, record);
      if (!dryRun) await restore(session, role, record, strategies, seen);
      restored.push({ role, flag: record.flag, cohorts: [...cohortsOn(session, strategies)] });
    }
  });
  return restored;
}

async function strategiesToRestore(
  session: Session,
  { confirmed }: FlagRecord,
): Promise<readonly Strategy[]> {
  const goingBack = (await readCohortRecords(session.pool)).filter(({ stage }) => stage === 'rolling-back');
  return confirmed.filter((strategy) => !goingBack.some(({ name }) => isOn([strategy], name)));
}

/** Like every flag write: on record as intended before it, as confirmed once the provider and the SDK show it. */
async function restore(
  session: Session,
  role: FlagRole,
  { flag, confirmed }: FlagRecord,
  strategies: readonly Strategy[],
  { changes }: FlagObservation,
): Promise<void> {
  const { pool, flags, stores, operator } = session;
  const removed = changes.find(({ kind, strategyId }) => kind === 'removed' && strategyId === undefined);
  const gone = removed ? { removedBy: removed.by, removedAt: removed.at } : {};
  await inTransaction(pool, async (tx) => {
    await recordIntended(tx, role, flag, strategies, confirmed);
    const data = { flag, strategies: titles(strategies), ...gone };
    await appendJournal(tx, operator, 'flag-restore-intended', null, data);
  });
  await flags.recreate(role, strategies, Object.keys(stores.config.users.attributes));
  await readBack(session, role, strategies);
  await requireParity(session, role, cohortsOn(session, strategies));
  await inTransaction(pool, async (tx) => {
    await recordConfirmed(tx, role, strategies);
    await appendJournal(tx, operator, 'flag-restored', null, { flag, strategies: titles(strategies) });
  });
}

const reasonNeeded = (): UsageError =>
  new UsageError(
    'reason-needed',
    'A flag that is gone is off for everyone, and whoever deleted it may have meant that.',
    'Ask who did it first. If it is to come back, say why: --reason "why"; --dry-run shows what would be on again.',
  );

/** @throws UsageError `flag-renamed`: under its old name it may stand there still, and go on answering clients. */
function refuseOtherName({ flag }: FlagRecord, configured: string): void {
  if (flag === configured) return;
  throw new UsageError(
    'flag-renamed',
    `The flag that dualpath wrote is ${flag}, and the config names ${configured}.`,
    `Put the name ${flag} back under flags in cohorts.yaml.`,
    { flag, configured },
  );
}
