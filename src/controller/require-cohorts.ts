import { UsageError } from '../errors.ts';
import type { Session } from '../rollout/session.ts';

/** @throws UsageError `unknown-cohort` (exit 2) naming the ones there are. */
export function requireCohorts(session: Session, names: readonly string[]): void {
  const known = session.stores.config.cohorts.map((cohort) => cohort.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(
    'unknown-cohort',
    `There is no cohort ${JSON.stringify(unknown)} in ${session.loaded.path}.`,
    `Use one of: ${known.join(', ')}.`,
    { cohort: unknown },
  );
}
