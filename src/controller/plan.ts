import { differencesOf } from '../core/redefinition.ts';
import { captureHealth } from '../documents/capture-health.ts';
import { mappingDifferences } from '../documents/installation.ts';
import { ownWarnings } from '../report/own-warnings.ts';
import { planCohorts } from '../report/plan.ts';
import type { PlanReport } from '../report/reports.ts';
import { readCohortRecords } from '../rollout/cohort-records.ts';
import type { Session } from '../rollout/session.ts';
import { requireCohorts } from './require-cohorts.ts';

/** What would happen to one cohort, or to all. Changes nothing; differences from started cohorts are shown, not refused. */
export async function plan(session: Session, cohort?: string): Promise<PlanReport> {
  if (cohort !== undefined) requireCohorts(session, [cohort]);
  const { pool, stores, signal, progress } = session;
  const records = await readCohortRecords(pool);
  const { refused, redefined } = differencesOf(records, stores.config.cohorts);
  const differences = [
    ...refused.map(({ because }) => `${because}: commands that change something refuse this file`),
    ...redefined.map(({ because }) => `${because}: it is rolled back, so the file's is recorded`),
  ];
  const mapped = (await mappingDifferences(pool, stores)).map(
    ({ key, recorded, wanted }) =>
      `${key} is ${wanted ?? 'nothing'} in the config and ${recorded ?? 'nothing'} where capture is installed`,
  );
  const gaps = (await captureHealth(pool, stores)).map(
    ({ table, event, problem }) =>
      `change capture of ${event} on ${table} is ${problem}: run \`dualpath init\``,
  );
  const cohorts = stores.config.cohorts.filter((each) => cohort === undefined || each.name === cohort);
  return planCohorts(pool, stores, cohorts, {
    stages: new Map(records.map((record) => [record.name, record.stage])),
    warnings: [...differences, ...mapped, ...gaps, ...ownWarnings(stores)],
    signal,
    progress,
  });
}
