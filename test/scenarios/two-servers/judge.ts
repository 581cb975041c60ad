import type { Scenario } from '../../support/scenario.ts';
import { unequalDocuments } from '../../support/school.ts';
import { add, type Counts, type Judged, judgeOne } from '../../support/writers/judge.ts';

/** What became of all words of a scenario. */
export interface Verdict extends Counts {
  readonly conflicts: Readonly<Record<string, number>>;
}

/** @throws if the stores differ from each other: that is nobody's word against anybody's */
export async function judge(
  { database: { pool }, rollout }: Scenario,
  documents: readonly Judged[],
): Promise<Verdict> {
  await rollout.run(['verify']);
  const unequal = await unequalDocuments(pool, { legacy: 'public.documents', content: 'content', id: 'id' });
  if (unequal.length > 0) throw new Error(`The stores differ in ${unequal.join(', ')}.`);
  const verdicts = await Promise.all(documents.map((document) => judgeOne(pool, document)));
  const { rows } = await pool.query<{ what: string; count: number }>(
    `select class || ' ' || array_to_string(reasons, ',') as what, count(*)::int from dualpath.conflicts group by 1`,
  );
  return {
    ...verdicts.reduce(add),
    conflicts: Object.fromEntries(rows.map(({ what, count }) => [what, count])),
  };
}
