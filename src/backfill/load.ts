import { type LoadSample, type Throttle, throttle } from '../core/throttle.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** The one place that decides how fast: shared by all lanes, looked at no more often than it can have changed. */
export interface Governor {
  /** The decision as it stands. */
  readonly now: () => Throttle;
  /** Looks again if the last look is old, and decides. Never rejects: what cannot be seen slows down. */
  readonly look: () => Promise<Throttle>;
}

/** Twice a second: a look costs the database a millisecond, and nobody wants to wait longer for us to give way. */
const LOOK_EVERY_MS = 500;

/** `see` may reject; `clock` is any steady clock in milliseconds. */
export function createGovernor(
  start: Throttle,
  see: () => Promise<LoadSample>,
  clock: () => number = () => performance.now(),
): Governor {
  let decision = start;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<Throttle> | null = null;
  const lookNow = async (): Promise<Throttle> => {
    const sample = await see().catch(() => null);
    lookedAt = clock();
    looking = null;
    decision = throttle(decision, sample);
    return decision;
  };
  return {
    now: () => decision,
    look: async () => {
      if (clock() - lookedAt < LOOK_EVERY_MS) return decision;
      looking ??= lookNow();
      return looking;
    },
  };
}

interface Row {
  active: number;
  waiting: number;
  unseen: number;
  lag_ms: number | null;
  connections: number;
  answer_ms: number;
}

/**
 * The whole server's load, because its other databases share the same disks. Sessions that wait for a client or a timer
 * load nothing; a role without pg_monitor sees of other roles' sessions only that they are there.
 */
export async function readLoad(db: Queryable): Promise<LoadSample> {
  const { rows } = await db.query<Row>(
    `with others as (
       select state, wait_event_type, query = '<insufficient privilege>' as unseen
         from pg_catalog.pg_stat_activity
        where datid is not null and usesysid is not null and pid <> pg_backend_pid()
          and coalesce(application_name, '') not like 'dualpath%'
          and coalesce(backend_type, 'client backend') in ('client backend', 'parallel worker')
     ), replicas as (
       select coalesce(max(extract(epoch from replay_lag) * 1000), 0) as lag_ms,
              count(*) filter (where state is null) as unseen
         from pg_catalog.pg_stat_replication
     )
     select count(*) filter (where state = 'active'
              and coalesce(wait_event_type, '') not in ('Lock', 'Client', 'Timeout'))::int as active,
            count(*) filter (where state = 'active' and wait_event_type = 'Lock')::int as waiting,
            count(*) filter (where unseen)::int as unseen,
            (select case when unseen = 0 then lag_ms end from replicas)::float8 as lag_ms,
            current_setting('max_connections')::int as connections,
            (extract(epoch from clock_timestamp() - statement_timestamp()) * 1000)::float8 as answer_ms
       from others`,
  );
  const [row] = rows;
  if (!row) throw new Error('pg_stat_activity answered no row');
  return {
    answerMs: row.answer_ms,
    active: row.unseen > 0 ? null : row.active,
    waiting: row.unseen > 0 ? null : row.waiting,
    lagMs: row.lag_ms,
    connections: row.connections,
  };
}
