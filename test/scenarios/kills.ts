import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  expectNothingDoubled,
  expectNothingLostOrDoubled,
  openScenario,
  randomFrom,
  type Scenario,
  SEED,
  save,
  saveBySql,
  stageOf,
  untilFree,
  untilRow,
} from '../support/scenario.ts';

/** What the database shows while the command is where it is to be killed; `held` is the cohort as this process holds it. */
const PHASES = {
  backfill: `select from held where stage = 'backfilling' and exists (select from dualpath.chunks)`,
  verification: `select from held, dualpath.verifications where finished_at is null`,
  cutover: `select from held where stage = 'cutting-over'`,
  rollback: `select from held where stage = 'rolling-back'`,
};
const HELD = `with held as (select * from dualpath.cohorts where lease_holder like '%process ' || $1::text)`;

/** Each phase takes longer than that with so many documents. */
const DOCUMENTS = 1_200;
const WITHIN_MS = 200;

/** Kills the program in each phase so many times, at random moments, and finishes with the same command. */
export function describeKills(times: number): void {
  describe(`a command that is killed at random moments (DUALPATH_SEED=${SEED})`, () => {
    const random = randomFrom(SEED);
    let scenario: Scenario;

    beforeAll(async () => {
      scenario = await openScenario({ small: DOCUMENTS });
    });

    /** Kills the command in this phase, a few times, as though its lease had run out each time. */
    async function killIn(phase: keyof typeof PHASES, args: readonly string[]): Promise<void> {
      const { rollout, database } = scenario;
      for (let kills = 0; kills < times; kills += 1) {
        const { child, ended } = rollout.start(args);
        const finished = ended.then(() => 'finished' as const);
        const reached = untilRow(database.pool, `${HELD} ${PHASES[phase]}`, [child.pid]).then(
          () => 'reached' as const,
        );
        expect(await Promise.race([reached, finished])).toBe('reached');
        const after = random() * WITHIN_MS;
        await sleep(after);
        child.kill('SIGKILL');
        expect(await ended, `killed ${after} ms into the ${phase}`).toMatchObject({ exit: null });
        await expectNothingDoubled(database.pool);
        await database.pool.query(
          `update dualpath.cohorts set lease_until = clock_timestamp() where lease_until is not null`,
        );
      }
    }

    it('goes on with its backfill', async () => {
      await killIn('backfill', ['start', 'everyone']);
    });

    it('goes on with its verification, and then all of the start is done', async () => {
      await killIn('verification', ['start', 'everyone']);
      await saveBySql(scenario.database.pool, 'writtenwhilenobodyworked');
      await scenario.rollout.run(['start', 'everyone']);
      expect(await stageOf(scenario)).toBe('soaking');
      await expectNothingLostOrDoubled(scenario);
    });

    it('goes on with its cutover, and then every document is on local-first', async () => {
      await save(scenario, 'anobservation');
      await scenario.rollout.run(['soak']);
      await killIn('cutover', ['flip', 'everyone']);
      await saveBySql(scenario.database.pool, 'writteninthemiddleofacutover');
      await scenario.rollout.run(['flip', 'everyone']);
      expect(await authorities(scenario)).toEqual(['local-first']);
      // What was written to documents that had moved already is for the next round.
      await scenario.rollout.run(['soak']);
      await expectNothingLostOrDoubled(scenario);
    });

    it('goes on with its rollback, and then every document is on legacy', async () => {
      const rollback = ['rollback', 'everyone', '--reason', 'a drill'];
      await killIn('rollback', rollback);
      await saveBySql(scenario.database.pool, 'writteninthemiddleofarollback');
      await scenario.rollout.run(rollback);
      expect(await authorities(scenario)).toEqual(['legacy']);
      await scenario.rollout.run(['verify', '--changed']);
      await expectNothingLostOrDoubled(scenario);
    });

    it('can be started again by whoever waits for the lease of the dead', async () => {
      const { child, ended } = scenario.rollout.start(['start', 'everyone']);
      await untilRow(scenario.database.pool, `select from dualpath.cohorts where lease_until is not null`);
      child.kill('SIGKILL');
      await ended;
      expect(await untilFree(scenario, ['start', 'everyone'])).toMatchObject({ exit: 0 });
      expect(await stageOf(scenario)).toBe('soaking');
      await expectNothingLostOrDoubled(scenario);
    });
  });
}

async function authorities({ database }: Scenario): Promise<readonly string[]> {
  const { rows } = await database.pool.query<{ authority: string }>(
    `select distinct authority from dualpath.documents`,
  );
  return rows.map(({ authority }) => authority);
}
