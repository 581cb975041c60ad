import { loadConfig } from '../config/load.ts';
import { cohortSql } from '../documents/membership.ts';
import { openStores, type Stores } from '../documents/stores.ts';
import { decodeState } from '../formats/index.ts';
import type { Pool } from '../postgres/pool.ts';

/** What the database says after the demo. Nothing of it is remembered from the run. */
export interface DemoCount {
  readonly documents: number;
  readonly moved: number;
  readonly proven: number;
  readonly quarantined: number;
  /** Words that students saved, and how many of them are missing or stand twice in the local-first store. */
  readonly words: number;
  readonly lost: number;
  readonly doubled: number;
  /** In rollout order; `saves` by the revisions of the cohort's documents. */
  readonly cohorts: readonly {
    readonly name: string;
    readonly documents: number;
    readonly saves: number;
  }[];
}

/** Everything moved on a proof that holds, in every cohort somebody wrote meanwhile, and each word is there once. */
export function isSound(count: DemoCount): boolean {
  return (
    count.lost === 0 &&
    count.doubled === 0 &&
    count.words > 0 &&
    count.moved + count.quarantined === count.documents &&
    count.proven === count.moved &&
    count.cohorts.every(({ documents, saves }) => documents === 0 || saves > 0)
  );
}

/** Counts documents by their links, saves by revisions, and words by decoding every state. */
export async function count(pool: Pool, config: string): Promise<DemoCount> {
  const stores = await openStores(pool, (await loadConfig(config)).config);
  const documents = await countDocuments(pool);
  const words = await countWords(pool, stores);
  return { ...documents, ...words, cohorts: await countCohorts(pool, stores) };
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

/** A completed cohort's saves reach the legacy row no longer; their numbers go on in the link. */
async function countCohorts(pool: Pool, stores: Stores): Promise<DemoCount['cohorts']> {
  const { rows } = await pool.query<DemoCount['cohorts'][number]>(
    `select live as name, count(*)::int as documents, sum(revision - 1)::int as saves
       from (select coalesce(l.legacy_revision, d.revision) as revision, ${cohortSql(stores, 'd.owner_id')} as live
               from public.documents d left join dualpath.documents l on l.id = d.id::text
              where d.deleted_at is null) each
      group by live`,
  );
  return stores.config.cohorts.map(
    ({ name }) => rows.find((row) => row.name === name) ?? { name, documents: 0, saves: 0 },
  );
}

const PAGE = 100;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

async function countWords(
  pool: Pool,
  stores: Stores,
): Promise<Pick<DemoCount, 'words' | 'lost' | 'doubled'>> {
  const counted = { words: 0, lost: 0, doubled: 0 };
  let after = FIRST_ID;
  while (true) {
    const { rows } = await pool.query<{ id: string; state: Buffer | null; words: string[] }>(
      `select d.id, l.state, array(select w.word from public.written_words w where w.document_id = d.id) as words
         from public.documents d left join ${stores.localFirst.quoted} l on l.id = d.id
        where d.id > $1::uuid order by d.id limit $2::int`,
      [after, PAGE],
    );
    for (const { state, words } of rows) {
      const text = textOf(state, stores);
      const times = words.map((word) => text.split(word).length - 1);
      counted.words += words.length;
      counted.lost += times.filter((each) => each === 0).length;
      counted.doubled += times.filter((each) => each > 1).length;
    }
    const newest = rows.at(-1);
    if (!newest) return counted;
    after = newest.id;
  }
}

/** A state that nobody can read holds no word. */
function textOf(state: Buffer | null, stores: Stores): string {
  if (!state) return '';
  try {
    return decodeState(state, stores.shape).canonical;
  } catch {
    return '';
  }
}
