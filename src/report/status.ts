import type { Gate } from '../core/gates.ts';
import type { Stores } from '../documents/stores.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { CohortRecord } from '../rollout/cohort-records.ts';
import type { CohortStatus } from './reports.ts';

interface Counts {
  cohort: string;
  migrated: number;
  proven: number;
  quarantined: number;
  held_unseeded: number;
  drift: number;
  legacy: number;
  local_first: number;
}

const NONE: Omit<Counts, 'cohort'> = {
  migrated: 0,
  proven: 0,
  quarantined: 0,
  held_unseeded: 0,
  drift: 0,
  legacy: 0,
  local_first: 0,
};

/** What the control schema knows of each cohort's documents. Proven is one whose state is still there; it is not read. */
export async function countDocuments(
  db: Queryable,
  { localFirst }: Stores,
): Promise<ReadonlyMap<string, Omit<Counts, 'cohort'>>> {
  const states = localFirst.exists
    ? `select ${localFirst.id.quoted}::text as dp_id from ${localFirst.quoted}`
    : 'select null::text as dp_id where false';
  const { rows } = await db.query<Counts>(
    `with linked as (
       select cohort, count(*) as migrated,
              count(*) filter (where proof_head = head and not exists
                (select from dualpath.drift x where x.document_id = d.id) and s.dp_id is not null) as proven,
              count(*) filter (where authority = 'legacy') as legacy,
              count(*) filter (where authority = 'local-first') as local_first
         from dualpath.documents d
         left join (${states}) s on s.dp_id = d.id
        where deleted_at is null group by cohort),
     held as (
       select q.cohort, count(*) as quarantined,
              count(*) filter (where d.id is null) as held_unseeded
         from dualpath.quarantine q
         left join dualpath.documents d on d.id = q.document_id and d.deleted_at is null group by q.cohort),
     drifted as (select cohort, count(*) as drift from dualpath.drift group by cohort)
     select c.name as cohort, coalesce(migrated, 0)::int as migrated, coalesce(proven, 0)::int as proven,
            coalesce(quarantined, 0)::int as quarantined, coalesce(held_unseeded, 0)::int as held_unseeded,
            coalesce(drift, 0)::int as drift, coalesce(legacy, 0)::int as legacy,
            coalesce(local_first, 0)::int as local_first
       from dualpath.cohorts c
       left join linked on linked.cohort = c.name
       left join held on held.cohort = c.name
       left join drifted on drifted.cohort = c.name`,
  );
  return new Map(rows.map(({ cohort, ...counts }) => [cohort, counts]));
}

/** One cohort's line: the record, the counts, and what the caller observed of gates and membership. */
export function cohortStatus(
  record: CohortRecord,
  counts: Omit<Counts, 'cohort'> | undefined,
  seen: {
    readonly members: number;
    readonly documents: number;
    readonly moving: number;
    readonly gates: readonly Gate[];
    readonly waitingFor: readonly string[];
  },
): CohortStatus {
  const { migrated, proven, quarantined, held_unseeded, drift, legacy, local_first } = counts ?? NONE;
  return {
    name: record.name,
    stage: record.stage,
    status: record.status,
    authority: local_first === 0 ? 'legacy' : legacy === 0 ? 'local-first' : 'mixed',
    members: seen.members,
    moving: seen.moving,
    documents: {
      // A started cohort keeps documents that left it until their new cohort takes them, and lacks those just entering.
      total: record.startedAt ? Math.max(migrated + held_unseeded, seen.documents) : seen.documents,
      migrated,
      proven,
      quarantined,
      drift,
      localFirst: local_first,
    },
    gates: seen.gates,
    waitingFor: seen.waitingFor,
    since: record.stageSince.toISOString(),
    lease: record.lease?.held
      ? { holder: record.lease.holder, until: record.lease.until.toISOString() }
      : null,
  };
}
