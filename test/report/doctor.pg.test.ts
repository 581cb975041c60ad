import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../src/controller.ts';
import { freshDatabase } from '../support/database.ts';
import { keysOf } from '../support/failing.ts';
import { createRole } from '../support/roles.ts';
import { rolloutOf } from '../support/rollout.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { fillSchool } from '../support/school.ts';

describe('doctor', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await openScenario({ documents: 4 });
    await scenario.rollout.run(['start', 'everyone']);
  });
  const found = async (check: string, exit: number) => {
    const report = await scenario.rollout.run<DoctorReport>(['doctor'], exit);
    return report.checks.find((each) => each.check === check);
  };

  it('finds a started rollout in order', async () => {
    expect(await scenario.rollout.run<DoctorReport>(['doctor'])).toMatchObject({ healthy: true });
  });

  it('tells a login that may judge and not move what it lacks', async () => {
    const role = await createRole(scenario.database, ['dualpath_observer', 'dualpath_app']);
    scenario.rollout.change({ database: role.url });
    expect(await found('privileges', 2)).toMatchObject({
      ok: false,
      found: expect.stringContaining('update on dualpath.cohorts'),
      remedy: expect.stringContaining('dualpath_controller'),
    });
    scenario.rollout.change({ database: scenario.database.url });
  });

  it('sees that the flags are not what dualpath last confirmed', async () => {
    rmSync(join(scenario.rollout.directory, 'flags.json'));
    expect(await found('flag dual_write', 2)).toMatchObject({
      ok: false,
      found: expect.stringContaining('changed by someone else'),
    });
  });
});

describe('doctor before init', () => {
  it('says that dualpath is not installed yet, and the command that installs it', async () => {
    const database = await freshDatabase({ migrated: false });
    await fillSchool(database, 2);
    const rollout = rolloutOf(keysOf(database.url));
    const { checks } = await rollout.run<DoctorReport>(['doctor'], 2);
    expect(checks.find(({ check }) => check === 'change capture')).toEqual({
      check: 'change capture',
      ok: false,
      found: 'dualpath is not installed in this database yet',
      remedy: 'Run `dualpath init`.',
    });
  });
});
