import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type {
  DoctorReport,
  MoveReport,
  RestoredFlag,
  SoakReport,
  StatusReport,
} from '../../src/controller.ts';
import { ADMIN_TOKEN, CLIENT_TOKEN } from '../support/flag-config.ts';
import {
  controlling,
  expectNothingLostOrDoubled,
  openScenario,
  type Scenario,
  save,
  stageOf,
} from '../support/scenario.ts';
import { sharedUnleash } from '../support/unleash.ts';

interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string };
}
type Restoration = DoctorReport & { readonly restored: readonly RestoredFlag[] };

const RESTORE = ['doctor', '--restore-flags', '--reason', 'deleted by mistake'];
const COHORTS = [
  { name: 'some', percent: 30 },
  { name: 'everyone', everyone: true },
];

const journaled = async ({ database }: Scenario, kind: string): Promise<readonly string[]> =>
  (
    await database.pool.query<{ reason: string }>(
      `select reason from dualpath.journal where kind = $1::text order by seq`,
      [kind],
    )
  ).rows.map(({ reason }) => reason);

describe('a flags file that somebody deleted', () => {
  let scenario: Scenario;
  let path: string;
  let before: string;
  beforeAll(async () => {
    scenario = await openScenario({ documents: 8, cohorts: COHORTS });
    path = join(scenario.rollout.directory, 'flags.json');
    await controlling(scenario, (controller) => controller.start('some'));
    before = readFileSync(path, 'utf8');
    rmSync(path);
  });

  it('holds what moves a cohort, and is brought back by nothing but a command that says why', async () => {
    const { rollout } = scenario;
    await rollout.run<Failure>(['start', 'everyone'], 5);
    const { checks } = await rollout.run<DoctorReport>(['doctor'], 2);
    expect(checks.find(({ check }) => check === 'flag dual_write')?.remedy).toContain('--restore-flags');
    const { error } = await rollout.run<Failure>(['doctor', '--restore-flags'], 2);
    expect(error).toMatchObject({ code: 'reason-needed' });
    await rollout.run(['doctor', '--restore-flags', '--dry-run'], 2);
    expect(existsSync(path)).toBe(false);
  });

  it('comes back as it was, journaled with the reason, and the rollout goes on', async () => {
    const { rollout } = scenario;
    const { restored, healthy } = await rollout.run<Restoration>(RESTORE);
    expect(restored).toEqual([
      { role: 'dual_write', flag: 'local-first.dual-write', cohorts: ['some'] },
      { role: 'default', flag: 'local-first.default', cohorts: [] },
    ]);
    expect(healthy).toBe(true);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(before));
    expect(await journaled(scenario, 'flag-restored')).toEqual(['deleted by mistake', 'deleted by mistake']);
    await save(scenario, 'oncemore', 'true', 8);
    const { cohorts } = await rollout.run<SoakReport>(['soak']);
    expect(cohorts[0]?.gates.find(({ gate }) => gate === 'flag-parity')?.verdict).toBe('pass');
    await rollout.run(['flip', 'some']);
    await rollout.run(['start', 'everyone']);
  });

  it('deleted as a kill switch: the rollback ends without the flag being on for its cohort again', async () => {
    const { rollout } = scenario;
    rmSync(path);
    await rollout.run<Failure>(['rollback', 'some', '--reason', 'r'], 5);
    expect(await stageOf(scenario, 'some')).toBe('rolling-back');
    const { restored } = await rollout.run<Restoration>(RESTORE);
    expect(restored).toMatchObject([{ cohorts: ['everyone'] }, { cohorts: [] }]);
    await rollout.run<MoveReport>(['rollback', 'some', '--reason', 'r']);
    expect(await stageOf(scenario, 'some')).toBe('rolled-back');
    await rollout.run<MoveReport>(['start', 'some']);
    await expectNothingLostOrDoubled(scenario);
  });

  it('a flag that is there is not touched, and what else stands in the file stays', async () => {
    const { rollout } = scenario;
    const document = JSON.parse(readFileSync(path, 'utf8'));
    const [dualWrite, byDefault] = document.features;
    const other = { name: 'something else', enabled: true, strategies: [] };
    writeFileSync(path, JSON.stringify({ ...document, features: [{ ...dualWrite, enabled: false }, other] }));
    const { restored } = await rollout.run<Restoration>(RESTORE, 2);
    expect(restored).toMatchObject([{ flag: 'local-first.default' }]);
    expect(JSON.parse(readFileSync(path, 'utf8')).features).toEqual([
      { ...dualWrite, enabled: false },
      other,
      byDefault,
    ]);
  });
});

describe('a flag that somebody deleted in Unleash', () => {
  const unleash = sharedUnleash();
  const FLAG = 'local-first.dual-write';
  const FEATURES = 'projects/default/features';
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await openScenario({
      documents: 6,
      cohorts: COHORTS,
      keys: {
        flags: {
          provider: 'unleash',
          url: unleash.url,
          admin_token: ADMIN_TOKEN,
          client_token: CLIENT_TOKEN,
        },
      },
    });
    await controlling(scenario, (controller) => controller.start('some'));
  });

  const deleteIt = async (): Promise<void> => {
    await unleash.byHand('jane', 'DELETE', `${FEATURES}/${FLAG}`);
  };
  const forGood = async (): Promise<void> => {
    await unleash.byHand('jane', 'DELETE', `archive/${FLAG}`);
  };

  it('archived: says who, and that its name is taken', async () => {
    await deleteIt();
    const { cohorts } = await scenario.rollout.run<StatusReport>(['status']);
    expect(cohorts[0]?.waitingFor.join('\n')).toMatch(
      /local-first\.dual-write: the flag itself removed by jane/,
    );
    const { error } = await scenario.rollout.run<Failure>(RESTORE, 5);
    expect(error.code).toBe('flag-name-taken');
  });

  it('deleted for good: comes back for the same users, and a making that was cut off is finished', async () => {
    await forGood();
    // What is left of a making that died after its first call.
    await unleash.byHand('jane', 'POST', FEATURES, { name: FLAG, type: 'release' });
    const { restored, healthy } = await scenario.rollout.run<Restoration>(RESTORE);
    expect(restored).toMatchObject([{ flag: FLAG, cohorts: ['some'] }]);
    expect(healthy).toBe(true);
    expect((await scenario.rollout.run<StatusReport>(['status'])).cohorts[0]?.stage).toBe('soaking');
    await scenario.rollout.run(['rollback', 'some', '--reason', 'r']);
    await scenario.rollout.run(['start', 'some']);
  });
});
