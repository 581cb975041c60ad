import { expect, it } from 'vitest';
import { spawnBackfill } from './child.ts';
import { openSchool } from './school.ts';

/**
 * 200,000 documents in a heap of 128 MB take a minute or two: `DUALPATH_LARGE=1 npx vitest run test/backfill/memory.pg.test.ts`.
 * Without it a tenth in a heap of 40 MB, of which the program itself takes half, shows the same: what was read is let go.
 */
const LARGE = Boolean(process.env.DUALPATH_LARGE);
const [DOCUMENTS, HEAP_MB] = LARGE ? [200_000, 128] : [20_000, 40];

it(`${DOCUMENTS} small documents pass in a heap of ${HEAP_MB} MB`, {
  timeout: LARGE ? 900_000 : 240_000,
}, async () => {
  const school = await openSchool(DOCUMENTS);
  const child = spawnBackfill(school, [`--max-old-space-size=${HEAP_MB}`]);
  expect(await child.ended).toEqual({ code: 0, errors: '' });
  expect(child.lines.at(-1)?.result).toEqual({ seeded: DOCUMENTS, quarantined: 0, remaining: 0 });
  const { rows } = await school.pool.query<{ seeds: number; states: number }>(
    `select (select count(*)::int from dualpath.updates where origin = 'seed') as seeds,
            (select count(*)::int from local_first.documents) as states`,
  );
  expect(rows).toEqual([{ seeds: DOCUMENTS, states: DOCUMENTS }]);
});
