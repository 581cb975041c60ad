import { loadConfig } from '../config/load.ts';
import { openStores } from '../documents/stores.ts';
import { decodeState } from '../formats/index.ts';
import type { Pool } from '../postgres/pool.ts';

/** What the demo ends with. Every number is counted in the database after the last cohort was completed. */
export interface DemoSummary {
  readonly documents: number;
  readonly moved: number;
  readonly proven: number;
  readonly quarantined: number;
  /** Words that students saved, and how many of them are missing or stand twice in the local-first store. */
  readonly words: number;
  readonly lost: number;
  readonly doubled: number;
  readonly saves: number;
  readonly seconds: number;
  readonly config: string;
}

const PAGE = 100;

/** Counts documents by their links, and words by decoding every state. */
export async function count(
  pool: Pool,
  config: string,
): Promise<Omit<DemoSummary, 'saves' | 'seconds' | 'config'>> {
  const stores = await openStores(pool, (await loadConfig(config)).config);
  const { rows } = await pool.query<{
    documents: number;
    moved: number;
    proven: number;
    quarantined: number;
    words: number;
  }>(
    `select (select count(*)::int from public.documents where deleted_at is null) as documents,
            count(*) filter (where authority = 'local-first')::int as moved,
            count(*) filter (where proof_head = head)::int as proven,
            (select count(*)::int from dualpath.quarantine) as quarantined,
            (select count(*)::int from public.written_words) as words
       from dualpath.documents where deleted_at is null`,
  );
  const [counts] = rows;
  if (!counts) throw new Error('the database answered without a row');
  let lost = 0;
  let doubled = 0;
  let after = '00000000-0000-0000-0000-000000000000';
  while (true) {
    const page = await pool.query<{ id: string; state: Buffer | null; words: string[] }>(
      `select d.id, l.state, array(select w.word from public.written_words w where w.document_id = d.id) as words
         from public.documents d left join ${stores.localFirst.quoted} l on l.id = d.id
        where d.id > $1::uuid order by d.id limit $2::int`,
      [after, PAGE],
    );
    for (const { state, words } of page.rows) {
      const text = state ? decodeState(state, stores.shape).canonical : '';
      for (const word of words) {
        const times = text.split(word).length - 1;
        if (times === 0) lost += 1;
        if (times > 1) doubled += 1;
      }
    }
    const newest = page.rows.at(-1);
    if (!newest) return { ...counts, lost, doubled };
    after = newest.id;
  }
}
