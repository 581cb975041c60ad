import type { Stores } from '../documents/stores.ts';
import { decodeState } from '../formats/index.ts';
import type { Pool } from '../postgres/pool.ts';
import type { DemoCount } from './count.ts';

type Words = Pick<DemoCount, 'words' | 'unsettled' | 'lost' | 'doubled'>;

interface WrittenWord {
  readonly word: string;
  readonly acknowledged: boolean;
  /** Acknowledged while the legacy row was still written, so that it has to hold the word, too. */
  readonly mirrored: boolean;
}

interface Written {
  readonly id: string;
  readonly seeded: boolean;
  readonly state: Buffer | null;
  readonly row: string;
  readonly words: readonly WrittenWord[];
}

const PAGE = 100;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Looks for each word that a student typed, in both stores. */
export async function countWords(pool: Pool, stores: Stores): Promise<Words> {
  const counted = { words: 0, unsettled: 0, lost: 0, doubled: 0 };
  for (let after = FIRST_ID; ; ) {
    const page = await readWritten(pool, stores, after);
    for (const written of page) {
      const { words, unsettled, lost, doubled } = countIn(written, stores);
      counted.words += words;
      counted.unsettled += unsettled;
      counted.lost += lost;
      counted.doubled += doubled;
    }
    const newest = page.at(-1);
    if (!newest) return counted;
    after = newest.id;
  }
}

/**
 * Since its cohort is completed a document's legacy row is written no longer: it holds what was acknowledged until then. Both
 * moments are of the database's clock, that of the completion from before its commit.
 */
async function readWritten(pool: Pool, stores: Stores, after: string): Promise<readonly Written[]> {
  const { rows } = await pool.query<Written>(
    `select d.id, l.id is not null as seeded, s.state, d.content::text as row,
            coalesce((select jsonb_agg(jsonb_build_object('word', w.word, 'acknowledged', w.acknowledged_at is not null,
                        'mirrored', w.acknowledged_at < case when c.stage = 'completed' then c.stage_since else 'infinity' end))
                        from public.written_words w where w.document_id = d.id), '[]') as words
       from public.documents d
            left join dualpath.documents l on l.id = d.id::text
            left join dualpath.cohorts c on c.name = l.cohort
            left join ${stores.localFirst.quoted} s on s.id = d.id
      where d.id > $1::uuid order by d.id limit $2::int`,
    [after, PAGE],
  );
  return rows;
}

function countIn({ seeded, state, row, words }: Written, stores: Stores): Words {
  const text = textOf(state, stores);
  const seen = words.map((each) => ({
    ...each,
    inState: text.split(each.word).length - 1,
    inRow: row.split(each.word).length - 1,
  }));
  const isLost = ({ inState, inRow, mirrored }: (typeof seen)[number]): boolean =>
    (seeded && inState === 0) || ((mirrored || !seeded) && inRow === 0);
  return {
    words: seen.length,
    unsettled: seen.filter(({ acknowledged }) => !acknowledged).length,
    lost: seen.filter((each) => each.acknowledged && isLost(each)).length,
    doubled: seen.filter(({ inState, inRow }) => inState > 1 || inRow > 1).length,
  };
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
