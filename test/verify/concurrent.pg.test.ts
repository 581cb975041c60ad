import { describe, expect, it } from 'vitest';
import { round } from '../../src/soak/round.ts';
import { verify } from '../../src/verify/verify.ts';
import { expectNothingLostOrDoubled } from '../backfill/independent.ts';
import type { School } from '../backfill/school.ts';
import { SEED } from '../support/random.ts';
import { COHORT, documentIds, openSoaking, save, verifyOne } from './school.ts';

const WRITERS = 20;
const WRITES = 40;

/** Mulberry32: the same numbers for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** One application server that saves, renames owners, deletes and creates by plain SQL, a few documents hot. */
async function writer({ pool }: School, number: number, ids: readonly string[]): Promise<void> {
  const next = numbers(SEED + number);
  for (let turn = 0; turn < WRITES; turn += 1) {
    const id = ids[next(4) === 0 ? next(ids.length) : next(3)] ?? '';
    const words = `writer ${number} turn ${turn}`;
    switch (next(10)) {
      case 0:
        await pool.query('update public.documents set owner_id = $2 where id = $1', [
          id,
          `u-${1 + next(10)}`,
        ]);
        break;
      case 1:
        await pool.query(`insert into public.documents (id, owner_id, content) values ($1, 'u-1', $2)`, [
          `new-${number}-${turn}`,
          { type: 'doc', content: [] },
        ]);
        break;
      case 2:
        await pool.query('delete from public.documents where id = $1', [`new-${number}-${turn - 1}`]);
        break;
      case 3:
        await pool.query('update public.documents set revision = revision + 1 where id = $1', [id]);
        break;
      default:
        await save(pool, id, words);
    }
  }
}

describe(`under ${WRITERS} writers (DUALPATH_SEED=${SEED})`, () => {
  it('neither rounds nor verifications report drift that is none, and nothing is lost in the end', async () => {
    const school = await openSoaking(60);
    const { pool, stores } = school;
    const ids = await documentIds(pool);
    let writing = true;
    const writers = Promise.all(
      Array.from({ length: WRITERS }, (_, number) => writer(school, number, ids)),
    ).finally(() => {
      writing = false;
    });
    const drift: unknown[] = [];
    let rounds = 0;
    const looking = async (): Promise<void> => {
      while (writing) {
        const result = await round(pool, stores, COHORT, { flags: null, sampleSeed: SEED + rounds });
        drift.push(
          ...result.gates.filter(({ gate, verdict }) => gate === 'verification' && verdict === 'fail'),
        );
        drift.push(...result.gates.filter(({ gate, verdict }) => gate === 'coverage' && verdict === 'fail'));
        rounds += 1;
      }
    };
    const verifying = async (): Promise<void> => {
      while (writing) {
        for (const scope of ['full', 'changed'] as const)
          for (const result of await verify(pool, stores, { cohorts: [COHORT], scope }))
            drift.push(...result.drift);
      }
    };
    await Promise.all([writers, looking(), verifying()]);
    expect(drift).toEqual([]);
    expect(rounds).toBeGreaterThan(0);

    const last = await verifyOne(school);
    const { rows } = await pool.query('select count(*)::int as live from public.documents');
    expect(last).toMatchObject({
      compared: rows[0].live,
      matched: rows[0].live,
      quarantined: 0,
      driftTotal: 0,
    });
    const { rows: counted } = await pool.query(
      `select sum(observations)::int as observations, sum(mismatches)::int as mismatches,
              (select sum(version - 1)::int from dualpath.documents) as versions from dualpath.rounds`,
    );
    expect(counted[0].mismatches).toBe(0);
    expect(counted[0].observations).toBeLessThanOrEqual(counted[0].versions);
    // The states of deleted documents stay, for whoever wants one back.
    await pool.query(
      'delete from local_first.documents s where not exists (select from public.documents d where d.id = s.id)',
    );
    await expectNothingLostOrDoubled(pool);
  }, 180_000);
});
