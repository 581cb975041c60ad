import { beforeAll, describe, expect, it } from 'vitest';
import type { MoveReport, StatusReport } from '../../src/controller.ts';
import {
  controlling,
  expectNothingLostOrDoubled,
  openScenario,
  type Scenario,
  save,
  stageOf,
} from '../support/scenario.ts';

const ROLLBACK = ['rollback', 'everyone', '--reason', 'a drill'];

describe('a document that cannot be carried over any more after the flip', () => {
  let scenario: Scenario;
  let id: string;
  let good: string;
  beforeAll(async () => {
    scenario = await openScenario({ documents: 12 });
    await forward();
    const { rows } = await scenario.database.pool.query<{ id: string; content: string }>(
      `select id::text, content::text from public.documents order by id limit 1`,
    );
    id = rows[0]?.id ?? '';
    good = rows[0]?.content ?? '';
  });

  const forward = (): Promise<void> =>
    controlling(scenario, async (controller) => {
      await controller.start('everyone');
      await save(scenario.database.pool, 'anobservation');
      await controller.soak([]);
      await controller.flip('everyone');
    });
  const write = (content: string) =>
    scenario.database.pool.query(
      `update public.documents set content = $2::jsonb, revision = revision + 1 where id::text = $1::text`,
      [id, content],
    );
  const contentNow = async (): Promise<string> => {
    const { rows } = await scenario.database.pool.query(
      `select content::text from public.documents where id::text = $1`,
      [id],
    );
    return rows[0].content;
  };
  const authority = async (): Promise<string> => {
    const { rows } = await scenario.database.pool.query(
      `select authority from dualpath.documents where id = $1`,
      [id],
    );
    return rows[0].authority;
  };
  const status = async () => (await scenario.rollout.run<StatusReport>(['status'])).cohorts[0];

  it('is held on legacy, where its newest words are, and status says so', async () => {
    await write('["newest words"]');
    await scenario.rollout.run(['soak'], 3);
    expect(await authority()).toBe('legacy');
    expect(await status()).toMatchObject({
      stage: 'baking',
      authority: 'mixed',
      documents: { quarantined: 1, migrated: 12 },
    });
  });

  it('follows to local-first once it converts again', async () => {
    await write(good);
    await save(scenario.database.pool, 'oncemore');
    await scenario.rollout.run(['soak']);
    expect(await status()).toMatchObject({ authority: 'mixed', documents: { quarantined: 0 } });
    await scenario.rollout.run<MoveReport>(['run']);
    expect(await authority()).toBe('local-first');
    expect(await status()).toMatchObject({ stage: 'baking', authority: 'local-first' });
  });

  it('a rollback leaves its row as it is, and counts only what was on local-first', async () => {
    await write('["newest words"]');
    await scenario.rollout.run(['soak'], 3);
    const foreseen = await scenario.rollout.run<MoveReport>([...ROLLBACK, '--dry-run']);
    expect(foreseen.steps).toEqual([expect.stringContaining('11 documents back to legacy')]);
    await scenario.rollout.run(ROLLBACK);
    expect(await contentNow()).toBe('["newest words"]');
    expect(await status()).toMatchObject({ stage: 'rolled-back', authority: 'legacy' });
  });

  it('mended, the cohort goes forward again, and a completed one has nothing to pause', async () => {
    await write(good);
    await forward();
    await save(scenario.database.pool, 'atlast');
    await scenario.rollout.run(['soak']);
    await scenario.rollout.run(['complete', 'everyone', '--yes', '--reason', 'it held']);
    for (const more of [[], ['--dry-run']]) {
      const { error } = await scenario.rollout.run<{ error: object }>(['pause', 'everyone', ...more], 5);
      expect(error).toMatchObject({ code: 'held', message: expect.stringContaining('completed') });
    }
    expect(await status()).toMatchObject({ status: 'running' });
    expect(await stageOf(scenario)).toBe('completed');
    await expectNothingLostOrDoubled(scenario);
  });
});
