import type { CohortConfig } from '../config/config.ts';
import type { Definition, Stage, Status } from '../core/model.ts';
import { shellWord } from '../core/shell-word.ts';
import type { Fence } from '../documents/fence.ts';
import { HeldError } from '../errors.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** A cohort as the control schema has it. Times are the database's; counts of milliseconds are numbers. */
export interface CohortRecord {
  readonly name: string;
  readonly place: number;
  readonly definition: Definition;
  readonly policy: CohortPolicy;
  readonly stage: Stage;
  readonly status: Status;
  readonly revision: string;
  readonly stageSince: Date;
  readonly startedAt: Date | null;
  readonly windowSince: Date | null;
  readonly pausedSince: Date | null;
  readonly lease: { readonly holder: string; readonly until: Date; readonly held: boolean } | null;
}

/** What may change in the file at any time, and is journaled when it does. */
export type CohortPolicy = Pick<CohortConfig, 'soak' | 'bake' | 'approval'>;

interface Row {
  name: string;
  place: number;
  definition: Definition;
  policy: CohortPolicy;
  stage: Stage;
  status: Status;
  revision: string;
  stage_since: Date;
  started_at: Date | null;
  window_since: Date | null;
  paused_since: Date | null;
  lease_holder: string | null;
  lease_until: Date | null;
  lease_held: boolean;
}

/** All recorded cohorts in rollout order. */
export async function readCohortRecords(db: Queryable): Promise<readonly CohortRecord[]> {
  const { rows } = await db.query<Row>(
    `select name, place, definition, policy, stage, status, revision, stage_since, started_at, window_since, paused_since,
            lease_holder, lease_until, coalesce(lease_until > clock_timestamp(), false) as lease_held
       from dualpath.cohorts order by place`,
  );
  return rows.map((row) => ({
    name: row.name,
    place: row.place,
    definition: row.definition,
    policy: row.policy,
    stage: row.stage,
    status: row.status,
    revision: row.revision,
    stageSince: row.stage_since,
    startedAt: row.started_at,
    windowSince: row.window_since,
    pausedSince: row.paused_since,
    lease:
      row.lease_holder && row.lease_until
        ? { holder: row.lease_holder, until: row.lease_until, held: row.lease_held }
        : null,
  }));
}

/** With the cohorts that only the file knows yet, as they would be recorded: planned. */
export function withUnrecorded(
  records: readonly CohortRecord[],
  file: readonly CohortConfig[],
): readonly CohortRecord[] {
  const unrecorded = file
    .map(
      (cohort, place): CohortRecord => ({
        name: cohort.name,
        place,
        definition: cohort.definition,
        policy: policyOf(cohort),
        stage: 'planned',
        status: 'running',
        revision: '0',
        stageSince: new Date(),
        startedAt: null,
        windowSince: null,
        pausedSince: null,
        lease: null,
      }),
    )
    .filter(({ name }) => !records.some((record) => record.name === name));
  const known = records.filter((record) => file.some((cohort) => cohort.name === record.name));
  return [...known, ...unrecorded].sort((a, b) => a.place - b.place);
}

/** Forgets cohorts that never started: the file is right about them. */
export async function deleteUnstarted(tx: Queryable): Promise<void> {
  await tx.query(`delete from dualpath.cohorts where started_at is null`);
}

/** Records a cohort of the file at its place; a started one keeps its definition and gets the file's policy. */
export async function recordCohort(tx: Queryable, cohort: CohortConfig, place: number): Promise<void> {
  await tx.query(
    `insert into dualpath.cohorts (name, place, definition, policy)
     values ($1::text, $2::int, $3::jsonb, $4::jsonb)
     on conflict (name) do update set policy = excluded.policy`,
    [cohort.name, place, JSON.stringify(cohort.definition), JSON.stringify(policyOf(cohort))],
  );
}

/**
 * Gives a cohort that is rolled back the file's definition; a controller that looked before it is fenced.
 * @throws HeldError `fenced` when somebody started it at this moment
 */
export async function redefineCohort(tx: Queryable, { name, definition }: CohortConfig): Promise<void> {
  const { rowCount } = await tx.query(
    `update dualpath.cohorts set definition = $2::jsonb, revision = revision + 1
      where name = $1::text and stage = 'rolled-back'`,
    [name, JSON.stringify(definition)],
  );
  if (rowCount !== 1) throw movedByAnother(name);
}

export const policyOf = (cohort: CohortConfig): CohortPolicy => ({
  soak: cohort.soak,
  bake: cohort.bake,
  approval: cohort.approval,
});

/**
 * Moves a cohort by compare-and-set on its revision and the holder's fencing token; each start opens the
 * rollback window anew, a judged stage starts its clock.
 * @throws HeldError `fenced` when someone else moved the cohort or took its lease.
 */
export async function changeStage(
  tx: Queryable,
  fence: Fence,
  change: { readonly from: Stage; readonly to: Stage; readonly revision: string },
): Promise<void> {
  const { rowCount } = await tx.query(
    `update dualpath.cohorts
        set stage = $2::text, stage_since = now(), revision = revision + 1,
            started_at = case when $2::text = 'dual-writing' then now() else started_at end,
            ended_at = case when $2::text in ('completed', 'rolled-back') then now() end,
            window_since = case when $2::text in ('soaking', 'baking') then now() else window_since end,
            paused_ms = case when $2::text in ('soaking', 'baking') then 0 else paused_ms end
      where name = $1::text and stage = $3::text and revision = $4::bigint and lease_token = $5::bigint`,
    [fence.cohort, change.to, change.from, change.revision, fence.token],
  );
  if (rowCount !== 1) throw movedByAnother(fence.cohort);
}

/** Pauses or resumes; a pause fences whoever holds the lease, and its length does not count as soak time. */
export async function changeStatus(tx: Queryable, cohort: string, to: Status): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update dualpath.cohorts
        set status = $2::text, revision = revision + 1,
            lease_token = lease_token + 1, lease_holder = null, lease_until = null,
            paused_ms = paused_ms + case when $2::text = 'running' and paused_since is not null
              then (extract(epoch from clock_timestamp() - greatest(paused_since, window_since)) * 1000)::bigint else 0 end,
            paused_since = case when $2::text = 'paused' then clock_timestamp() end
      where name = $1::text and status <> $2::text`,
    [cohort, to],
  );
  return rowCount === 1;
}

const movedByAnother = (cohort: string): HeldError =>
  new HeldError(
    'fenced',
    `Cohort ${cohort} was moved or taken over by another controller while this one worked.`,
    `Look at \`dualpath status ${shellWord(cohort)}\` and run the command again if it is still wanted.`,
    { cohort },
  );
