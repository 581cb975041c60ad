import { loadConfig } from '../config/load.ts';
import { cohortSql } from '../documents/membership.ts';
import { openStores, type Stores } from '../documents/stores.ts';
import type { Pool } from '../postgres/pool.ts';
import { countWords } from './count-words.ts';

/** What the database says after the demo. Nothing of it is remembered from the run. */
export interface DemoCount {
  readonly documents: number;
  readonly moved: number;
  readonly proven: number;
  readonly quarantined: number;
  /** Words that students typed. */
  readonly words: number;
  /** Of these, words that nobody acknowledged, so that their writers do not know what became of them. */
  readonly unsettled: number;
  /** Acknowledged words that are missing in a store that has to hold them; and words that stand twice in either. */
  readonly lost: number;
  readonly doubled: number;
  /** Receipts by their outcome. */
  readonly saves: Outcomes;
  readonly pushes: Outcomes;
  /** Merges that were recorded for a person: only to be known, looked at, and waiting to be. */
  readonly conflicts: { readonly notice: number; readonly reviewed: number; readonly open: number };
  /** In rollout order, with what reached the cohort's documents. */
  readonly cohorts: readonly {
    readonly name: string;
    readonly documents: number;
    readonly saves: number;
    readonly pushes: number;
  }[];
}

export type Outcomes = Readonly<Record<string, number>>;

/** Everything moved on a proof that holds, in every cohort somebody wrote meanwhile, and each word is there once. */
export function isSound(count: DemoCount): boolean {
  return (
    count.lost === 0 &&
    count.doubled === 0 &&
    count.words > 0 &&
    count.unsettled === 0 &&
    count.conflicts.open === 0 &&
    count.moved + count.quarantined === count.documents &&
    count.proven === count.moved &&
    count.cohorts.every(({ documents, saves, pushes }) => documents === 0 || saves + pushes > 0)
  );
}

/** Counts documents by their links, writes by their receipts, and words by decoding every state. */
export async function count(pool: Pool, config: string): Promise<DemoCount> {
  const stores = await openStores(pool, (await loadConfig(config)).config);
  return {
    ...(await countDocuments(pool)),
    ...(await countWords(pool, stores)),
    saves: await countOutcomes(pool, 'save'),
    pushes: await countOutcomes(pool, 'push'),
    conflicts: await countConflicts(pool),
    cohorts: await countCohorts(pool, stores),
  };
}

type Documents = Pick<DemoCount, 'documents' | 'moved' | 'proven' | 'quarantined'>;

async function countDocuments(pool: Pool): Promise<Documents> {
  const { rows } = await pool.query<Documents>(
    `select (select count(*)::int from public.documents where deleted_at is null) as documents,
            count(*) filter (where authority = 'local-first')::int as moved,
            count(*) filter (where proof_head = head)::int as proven,
            (select count(*)::int from dualpath.quarantine) as quarantined
       from dualpath.documents where deleted_at is null`,
  );
  const [row] = rows;
  if (!row) throw new Error('the database answered without a row');
  return row;
}

async function countOutcomes(pool: Pool, kind: 'save' | 'push'): Promise<Outcomes> {
  const { rows } = await pool.query<{ outcome: string; times: number }>(
    `select coalesce(outcome, 'unknown') as outcome, count(*)::int as times
       from dualpath.receipts where kind = $1::text group by 1 order by 2 desc`,
    [kind],
  );
  return Object.fromEntries(rows.map(({ outcome, times }) => [outcome, times]));
}

async function countConflicts(pool: Pool): Promise<DemoCount['conflicts']> {
  const { rows } = await pool.query<DemoCount['conflicts']>(
    `select count(*) filter (where class = 'notice')::int as notice, count(resolved_at)::int as reviewed,
            count(*) filter (where class <> 'notice' and resolved_at is null)::int as open
       from dualpath.conflicts`,
  );
  return rows[0] ?? { notice: 0, reviewed: 0, open: 0 };
}

async function countCohorts(pool: Pool, stores: Stores): Promise<DemoCount['cohorts']> {
  const { rows } = await pool.query<DemoCount['cohorts'][number]>(
    `select live as name, count(*)::int as documents, coalesce(sum(saves), 0)::int as saves,
            coalesce(sum(pushes), 0)::int as pushes
       from (select ${cohortSql(stores, 'd.owner_id')} as live,
                    (select count(*) from dualpath.receipts r where r.document_id = d.id::text and r.kind = 'save') as saves,
                    (select count(*) from dualpath.receipts r where r.document_id = d.id::text and r.kind = 'push') as pushes
               from public.documents d where d.deleted_at is null) each
      group by live`,
  );
  return stores.config.cohorts.map(
    ({ name }) => rows.find((row) => row.name === name) ?? { name, documents: 0, saves: 0, pushes: 0 },
  );
}
