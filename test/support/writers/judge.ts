import type { Queryable } from '../../../src/postgres/queryable.ts';
import { decodedText, plainText } from '../../write-path/state.ts';
import { WORD } from './edit.ts';
import type { Ledger } from './ledger.ts';

/** Words by the writers' book against words in the stores. */
export interface Counts {
  /** Written and answered for. */
  readonly written: number;
  /** Not deleted by anybody who saw them. */
  readonly alive: number;
  readonly lost: readonly Fault[];
  readonly doubled: readonly Fault[];
  /** Deleted by somebody who saw them, there all the same, and no merge that a person is asked to look at says so. */
  readonly resurrected: readonly Fault[];
  /**
   * Alive and not in the document, but in a version that a conflict names whose base nobody knew; or deleted and in it, after
   * a merge that a person is asked to look at; or twice in it since a merge whose base nobody knew.
   */
  readonly named: number;
}

export interface Fault {
  readonly word: string;
  readonly history: readonly string[];
}

export interface Judged {
  readonly id: string;
  readonly ledger: Ledger;
}

export function add(one: Counts, two: Counts): Counts {
  return {
    written: one.written + two.written,
    alive: one.alive + two.alive,
    lost: [...one.lost, ...two.lost],
    doubled: [...one.doubled, ...two.doubled],
    resurrected: [...one.resurrected, ...two.resurrected],
    named: one.named + two.named,
  };
}

export async function judgeOne(pool: Queryable, { id, ledger }: Judged): Promise<Counts> {
  const { rows } = await pool.query<{ content: unknown; state: Buffer }>(
    `select d.content, s.state from public.documents d join local_first.documents s using (id) where id = $1`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`${id} is in one store only.`);
  const counts = [plainText(row.content), decodedText(row.state)].map(countWords);
  const most = (word: string): number => Math.max(...counts.map((count) => count.get(word) ?? 0));
  const least = (word: string): number => Math.min(...counts.map((count) => count.get(word) ?? 0));
  const alive = new Set(ledger.alive);
  const missing = [...alive].filter((word) => least(word) === 0);
  const named = new Set(await namedIn(pool, id, missing));
  const there = [...new Set(counts.flatMap((count) => [...count.keys()]))];
  const back = there.filter((word) => ledger.isDeleted(word));
  const reviewed = new Set(await reviewedOf(pool, id, back));
  const twice = there.filter((word) => most(word) > 1);
  const seenTwice = new Set(await doubledBy(pool, id, twice));
  const faults = (words: readonly string[]): readonly Fault[] =>
    words.map((word) => ({ word, history: ledger.historyOf(word) }));
  return {
    written: ledger.written,
    alive: alive.size,
    lost: faults(missing.filter((word) => !named.has(word))),
    doubled: faults(twice.filter((word) => !seenTwice.has(word))),
    resurrected: faults(back.filter((word) => !reviewed.has(word))),
    named: named.size + reviewed.size + seenTwice.size,
  };
}

function countWords(text: string): ReadonlyMap<string, number> {
  const count = new Map<string, number>();
  for (const word of text.match(WORD) ?? []) count.set(word, (count.get(word) ?? 0) + 1);
  return count;
}

/** Those of these words that stand in a version which a conflict keeps, because nobody knew the base of a write. */
async function namedIn(pool: Queryable, id: string, words: readonly string[]): Promise<readonly string[]> {
  const { rows } = await pool.query<{ word: string }>(
    `select distinct word from unnest($2::text[]) word
       join dualpath.conflicts c on c.document_id = $1::text
        and c.reasons && array['base-inferred', 'base-missing', 'overwrote']
       join dualpath.versions v on v.id in (c.base, c.ours, c.theirs) and position(word in v.content) > 0`,
    [id, words],
  );
  return rows.map(({ word }) => word);
}

/** Those that a merge to be reviewed kept against one of its sides. */
async function reviewedOf(pool: Queryable, id: string, words: readonly string[]): Promise<readonly string[]> {
  const { rows } = await pool.query<{ word: string }>(
    `select distinct word from unnest($2::text[]) word
       join dualpath.conflicts c on c.document_id = $1::text and c.class = 'needs-review'
       join dualpath.versions r on r.id = c.result and position(word in r.content) > 0
       join dualpath.versions v on v.id in (c.ours, c.theirs) and position(word in v.content) = 0`,
    [id, words],
  );
  return rows.map(({ word }) => word);
}

/** Those that stand twice since a merge to be reviewed, whose base nobody knew. */
async function doubledBy(pool: Queryable, id: string, words: readonly string[]): Promise<readonly string[]> {
  const { rows } = await pool.query<{ word: string }>(
    `select distinct word from unnest($2::text[]) word
       join dualpath.conflicts c on c.document_id = $1::text and c.reasons && array['base-inferred', 'base-missing']
       join dualpath.versions r on r.id = c.result and cardinality(string_to_array(r.content, word)) > 2
       join dualpath.versions o on o.id = c.ours and cardinality(string_to_array(o.content, word)) < 3`,
    [id, words],
  );
  return rows.map(({ word }) => word);
}
