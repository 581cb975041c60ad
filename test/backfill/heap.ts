import { expect } from 'vitest';
import { spawnBackfill } from './child.ts';
import { openSchool } from './school.ts';

/** Copies so many small documents by a process whose heap is bounded, and counts what the database then has. */
export async function passInHeap(
  documents: number,
  heapMb: number,
): Promise<{ readonly seeds: number; readonly states: number } | undefined> {
  const school = await openSchool(documents);
  const child = spawnBackfill(school, [`--max-old-space-size=${heapMb}`]);
  expect(await child.ended).toEqual({ code: 0, errors: '' });
  expect(child.lines.at(-1)?.result).toEqual({ seeded: documents, quarantined: 0, remaining: 0 });
  const { rows } = await school.pool.query<{ seeds: number; states: number }>(
    `select (select count(*)::int from dualpath.updates where origin = 'seed') as seeds,
            (select count(*)::int from local_first.documents) as states`,
  );
  return rows[0];
}
