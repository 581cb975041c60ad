import { type Gate, verdictOf } from '../core/gates.ts';
import type { FlagRole } from '../core/model.ts';
import type { CohortObservation } from '../core/observation.ts';
import { type OrderedCohort, standingOf } from '../core/rollout-order.ts';
import { isJudged, isStarted } from '../core/stages.ts';
import { coverage } from '../documents/coverage.ts';
import { DualpathError } from '../errors.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { judgeCohort } from '../soak/judge-cohort.ts';
import { type CohortRecord, readCohortRecords, withUnrecorded } from './cohort-records.ts';
import { type FlagSight, lookAtFlag, readingOf } from './flag-writes.ts';
import type { Session } from './session.ts';

/** What all cohorts share: their records, the gates of those that are judged, and the two flags. */
export interface Overview {
  readonly records: readonly CohortRecord[];
  readonly gates: ReadonlyMap<string, readonly Gate[]>;
  readonly sights: Readonly<Record<FlagRole, FlagSight>>;
}

/** A cohort as seen just now, with what only the effects need beside what is decided on. */
export interface Observed {
  readonly record: CohortRecord;
  readonly observation: CohortObservation;
  /** Documents on their way into the cohort or out of it. */
  readonly moving: number;
  /** Why a flag could not be seen, where that was it. */
  readonly unseen: DualpathError | null;
}

/** Reads what decisions about any cohort rest on; the flag server is left alone where `flags` is false. Writes nothing. */
export async function overlook(
  session: Session,
  { flags = true }: { readonly flags?: boolean } = {},
): Promise<Overview> {
  const { pool, stores } = session;
  const records = withUnrecorded(await readCohortRecords(pool), stores.config.cohorts);
  const gates = new Map<string, readonly Gate[]>();
  for (const { name, stage } of records)
    if (isJudged(stage)) gates.set(name, await judgeCohort(pool, stores, name));
  const [dualWrite, byDefault] = flags
    ? await Promise.all([lookAtFlag(session, 'dual_write'), lookAtFlag(session, 'default')])
    : [NOT_LOOKED_AT, NOT_LOOKED_AT];
  return { records, gates, sights: { dual_write: dualWrite, default: byDefault } };
}

const NOT_LOOKED_AT: FlagSight = {
  record: null,
  drift: [],
  unseen: new DualpathError('flags-not-seen', 'The flags were not looked at.', 'Look at them first.'),
};

/** Reads everything that a decision about one cohort rests on. Writes nothing. */
export async function observe(session: Session, name: string, overview?: Overview): Promise<Observed> {
  const { pool, stores } = session;
  const { records, gates, sights } = overview ?? (await overlook(session));
  const record = records.find((each) => each.name === name);
  const config = stores.config.cohorts.find((each) => each.name === name);
  if (!record || !config) throw new Error(`cohort ${name} is not in the file`);
  const { missing, moving } = isStarted(record.stage)
    ? await coverage(pool, stores, name)
    : { missing: 0, moving: 0 };
  return {
    record,
    observation: {
      name,
      stage: record.stage,
      status: record.status,
      standing: standingOf(
        records.map((each) => ordered(each, gates)),
        name,
      ),
      approval: config.approval,
      onFail: config.bake.onFail,
      gates: gates.get(name) ?? [],
      writePath: stores.config.writePath,
      flags: {
        dual_write: readingOf(sights.dual_write, name),
        default: readingOf(sights.default, name),
      },
      missing,
      ...(await readProgress(pool, name, missing)),
    },
    moving: moving + missing,
    unseen: sights.dual_write.unseen ?? sights.default.unseen,
  };
}

const ordered = (record: CohortRecord, judged: ReadonlyMap<string, readonly Gate[]>): OrderedCohort => ({
  name: record.name,
  definition: record.definition,
  stage: record.stage,
  gatesPass: verdictOf(judged.get(record.name) ?? []) === 'pass',
});

type Progress = Pick<CohortObservation, 'backfill' | 'behind' | 'verified' | 'drift' | 'authority'>;

async function readProgress(db: Queryable, cohort: string, missing: number): Promise<Progress> {
  const { rows } = await db.query<{
    open: number;
    laid_out: boolean;
    behind: number;
    verified: boolean;
    drift: number;
    legacy: number;
    local_first: number;
  }>(
    `with started as (select started_at from dualpath.cohorts where name = $1::text),
          chunks as (select c.* from dualpath.chunks c
                      where c.cohort = $1::text
                        and c.run = (select max(run) from dualpath.chunks where cohort = $1::text))
     select (select coalesce(sum(documents), 0)::int from chunks where done_at is null) as open,
            exists (select from chunks) as laid_out,
            (select count(*)::int from dualpath.captures c join dualpath.documents d on d.id = c.subject
              where c.kind = 'document' and d.cohort = $1::text
                and not exists (select from dualpath.quarantine q where q.document_id = d.id)
                and c.captured_at < (select max(done_at) from chunks)) as behind,
            exists (select from dualpath.verifications v, started
                     where v.cohort = $1::text and v.scope = 'full'
                       and v.finished_at is not null and v.started_at >= started.started_at) as verified,
            (select count(*)::int from dualpath.drift where cohort = $1::text) as drift,
            (select count(*)::int from dualpath.documents d
              where d.cohort = $1::text and d.deleted_at is null and d.authority = 'legacy'
                and not exists (select from dualpath.quarantine q where q.document_id = d.id)) as legacy,
            (select count(*)::int from dualpath.documents d
              where d.cohort = $1::text and d.deleted_at is null and d.authority = 'local-first') as local_first`,
    [cohort],
  );
  const [row] = rows;
  if (!row) throw new Error('the control schema answered without a row');
  return {
    backfill: { remaining: row.laid_out ? row.open : missing },
    behind: row.behind,
    verified: row.verified,
    drift: row.drift,
    authority: { legacy: row.legacy, localFirst: row.local_first },
  };
}
