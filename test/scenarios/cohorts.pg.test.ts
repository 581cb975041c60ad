import { join } from 'node:path';
import { normalizedStrategyValue } from 'unleash-client/lib/strategy/util.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MoveReport } from '../../src/controller.ts';
import { openFlags } from '../../src/flags/open.ts';
import { flagConfig } from '../support/flag-config.ts';
import {
  controlling,
  expectNothingLostOrDoubled,
  openScenario,
  type Scenario,
  save,
} from '../support/scenario.ts';

const COHORTS = [
  { name: 'staff', users: ['u-1', 'u-2'] },
  { name: 'pilot-school', match: { school: ['lincoln-high'] } },
  { name: 'tenth', percent: 10 },
  { name: 'everyone', everyone: true },
];

type Name = 'staff' | 'pilot-school' | 'tenth' | 'everyone';
interface User {
  readonly id: string;
  readonly attributes: { readonly school: string | null };
}

/** The first cohort that matches, in the words of the contract. */
function placeOf({ id, attributes }: User): Name {
  if (['u-1', 'u-2'].includes(id)) return 'staff';
  if (attributes.school === 'lincoln-high') return 'pilot-school';
  return normalizedStrategyValue(id, 'dualpath') <= 10 ? 'tenth' : 'everyone';
}

/** The stages a cohort rests in: its flags and the authority of its documents. */
const RESTING: Readonly<
  Record<string, readonly [dualWrite: boolean, byDefault: boolean, authority: string]>
> = {
  planned: [false, false, 'none'],
  soaking: [true, false, 'legacy'],
  baking: [true, true, 'local-first'],
  completed: [false, true, 'local-first'],
  'rolled-back': [false, false, 'legacy'],
};

describe('overlapping cohorts, forward and back', () => {
  let scenario: Scenario;
  let users: readonly User[];

  beforeAll(async () => {
    scenario = await openScenario({ documents: 60, cohorts: COHORTS });
    const { rows } = await scenario.database.pool.query<{ id: string; school: string | null }>(
      `select id, school_id as school from public.users`,
    );
    users = rows.map(({ id, school }) => ({ id, attributes: { school } }));
    expect(new Set(users.map(placeOf)).size).toBe(4);
  });

  const flags = () =>
    openFlags(flagConfig({ provider: 'file', path: join(scenario.rollout.directory, 'flags.json') }));

  async function stages(): Promise<Readonly<Record<string, string>>> {
    const { rows } = await scenario.database.pool.query<{ name: string; stage: string }>(
      'select name, stage from dualpath.cohorts',
    );
    return Object.fromEntries(rows.map(({ name, stage }) => [name, stage]));
  }

  /** Every user is answered by the SDK, and every document stands, as the stages imply. */
  async function expectStages(expected: Readonly<Record<Name, string>>): Promise<void> {
    expect(await stages()).toEqual(expected);
    await expectAnswers(expected);
    await expectAuthorities(expected);
  }

  async function expectAnswers(expected: Readonly<Record<Name, string>>): Promise<void> {
    for (const [role, at] of [
      ['dual_write', 0],
      ['default', 1],
    ] as const) {
      const answers = await flags().evaluate(role, users);
      const wrong = users.filter((user, index) => {
        const place = placeOf(user);
        // A percentage cannot be left out of a later cohort: harmless once it is completed.
        const seenThrough = place === 'tenth' && role === 'dual_write' && expected.tenth === 'completed';
        return !seenThrough && answers[index] !== RESTING[expected[place]]?.[at];
      });
      expect(wrong, role).toEqual([]);
    }
  }

  async function expectAuthorities(expected: Readonly<Record<Name, string>>): Promise<void> {
    const { rows } = await scenario.database.pool.query<{ owner: string; cohort: string; authority: string }>(
      `select l.owner_id as owner, coalesce(d.cohort, 'none') as cohort, coalesce(d.authority, 'none') as authority
         from public.documents l left join dualpath.documents d on d.id = l.id::text`,
    );
    const places = new Map(users.map((user) => [user.id, placeOf(user)]));
    const wrong = rows.filter(({ owner, cohort, authority }) => {
      const place = places.get(owner) ?? 'everyone';
      const wanted = RESTING[expected[place]]?.[2];
      return authority !== wanted || cohort !== (wanted === 'none' ? 'none' : place);
    });
    expect(wrong).toEqual([]);
  }

  const soak = () => controlling(scenario, (controller) => controller.soak([]));

  const membersOf = (name: Name): string =>
    `owner_id in (${users
      .filter((user) => placeOf(user) === name)
      .map(({ id }) => `'${id}'`)
      .join(', ')})`;

  async function start(name: Name): Promise<void> {
    await scenario.rollout.run(['start', name]);
    await save(scenario, 'anobservation', membersOf(name), 2);
  }

  async function flip(...names: readonly Name[]): Promise<void> {
    await soak();
    for (const name of names) await scenario.rollout.run(['flip', name]);
  }

  const held = async (args: readonly string[]): Promise<string> =>
    (await scenario.rollout.run<{ error: { message: string } }>(args, 5)).error.message;

  it('staff start and flip, and nobody else', async () => {
    await start('staff');
    await expectStages({
      staff: 'soaking',
      'pilot-school': 'planned',
      tenth: 'planned',
      everyone: 'planned',
    });
    await flip('staff');
    await expectStages({ staff: 'baking', 'pilot-school': 'planned', tenth: 'planned', everyone: 'planned' });
  });

  it('everyone may not start while the tenth has its flag off', async () => {
    expect(await held(['start', 'everyone'])).toContain('tenth');
    await start('pilot-school');
    expect(await held(['start', 'everyone'])).toContain('tenth');
    await expectStages({ staff: 'baking', 'pilot-school': 'soaking', tenth: 'planned', everyone: 'planned' });
  });

  it('with the tenth started everyone may start, and may not flip before it', async () => {
    await start('tenth');
    await start('everyone');
    await soak();
    expect(await held(['flip', 'everyone'])).toContain('tenth');
    await expectStages({ staff: 'baking', 'pilot-school': 'soaking', tenth: 'soaking', everyone: 'soaking' });
    await flip('pilot-school', 'tenth', 'everyone');
    await expectStages({ staff: 'baking', 'pilot-school': 'baking', tenth: 'baking', everyone: 'baking' });
  });

  it('a dry run of the rollback of the tenth names everyone; the rollback takes it back first', async () => {
    const rollback = ['rollback', 'tenth', '--reason', 'the tenth complained'];
    const dry = await scenario.rollout.run<MoveReport>([...rollback, '--dry-run']);
    expect(dry).toMatchObject({ wouldLose: [], takenAlong: ['everyone'] });
    await expectStages({ staff: 'baking', 'pilot-school': 'baking', tenth: 'baking', everyone: 'baking' });
    const report = await scenario.rollout.run<MoveReport>(rollback);
    expect(report.cohorts.map(({ name }) => name)).toEqual(['tenth', 'everyone']);
    expect(report.because).toBe('everyone, tenth are rolled-back');
    await expectStages({
      staff: 'baking',
      'pilot-school': 'baking',
      tenth: 'rolled-back',
      everyone: 'rolled-back',
    });
    expect(await held(['start', 'everyone'])).toContain('tenth');
  });

  it('forward again', async () => {
    await start('tenth');
    await start('everyone');
    await flip('tenth', 'everyone');
    await expectStages({ staff: 'baking', 'pilot-school': 'baking', tenth: 'baking', everyone: 'baking' });
  });

  it('completed in order, with one seed for each document all the way', async () => {
    for (const name of ['staff', 'pilot-school', 'tenth', 'everyone'] as const)
      await save(scenario, 'whilebaking', membersOf(name), 1);
    await soak();
    expect(await held(['complete', 'everyone', '--yes', '--reason', 'done'])).toContain('tenth');
    for (const name of ['staff', 'pilot-school', 'tenth'])
      await scenario.rollout.run(['complete', name, '--yes', '--reason', 'done']);
    await expectStages({
      staff: 'completed',
      'pilot-school': 'completed',
      tenth: 'completed',
      everyone: 'baking',
    });
    await scenario.rollout.run(['complete', 'everyone', '--yes', '--reason', 'done']);
    await expectStages({
      staff: 'completed',
      'pilot-school': 'completed',
      tenth: 'completed',
      everyone: 'completed',
    });
    await expectNothingLostOrDoubled(scenario);
  });
});
