import { beforeAll, describe, expect, it } from 'vitest';
import type { MoveReport, PlanReport, StatusReport, VerifyReport } from '../../src/controller.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { failing, keysOf, NO_SERVER } from '../support/failing.ts';
import { ADMIN_TOKEN, CLIENT_TOKEN } from '../support/flag-config.ts';
import { rolloutOf, type TestRollout } from '../support/rollout.ts';
import { fillSchool } from '../support/school.ts';
import { sharedUnleash } from '../support/unleash.ts';

const unleashAt = (url: string, more: object = {}): object => ({
  flags: {
    provider: 'unleash',
    url,
    admin_token: ADMIN_TOKEN,
    client_token: CLIENT_TOKEN,
    project: 'default',
    environment: 'production',
    ...more,
  },
});

describe('a flag server', () => {
  const unleash = sharedUnleash();
  let database: TestDatabase;
  let rollout: TestRollout;
  beforeAll(async () => {
    database = await freshDatabase({ migrated: false });
    await fillSchool(database, 3);
    rollout = rolloutOf(keysOf(database.url, unleashAt(unleash.url)));
    await rollout.run(['init']);
  });
  const flags = (more: object) => rollout.change(unleashAt(unleash.url, more));

  it('that is not there: start ends with 6 and leaves no document copied', async () => {
    flags({ url: NO_SERVER });
    expect(await failing(rollout.config, 'start everyone', 6)).toMatchObject({
      code: 'flag-server-unavailable',
      message: expect.stringContaining('127.0.0.1:9'),
    });
    const { rows } = await database.pool.query(`select count(*)::int as copied from dualpath.documents`);
    expect(rows).toEqual([{ copied: 0 }]);
    expect(await rollout.run<PlanReport>(['plan'])).toMatchObject({ cohorts: [{ documents: 3 }] });
  });

  it('that refuses the admin token: start ends with 2', async () => {
    flags({ admin_token: '*:*.wrong-admin-token' });
    const error = await failing(rollout.config, 'start everyone', 2);
    expect(error.code).toMatch(/^flag-token-/);
    expect(JSON.stringify(error)).not.toContain('wrong-admin-token');
  });

  it('that refuses the client token: start ends with 2', async () => {
    flags({ client_token: 'default:production.wrong-client-token' });
    const error = await failing(rollout.config, 'start everyone', 2);
    expect(error.code).toMatch(/^flag-token-/);
    expect(JSON.stringify(error)).not.toContain('wrong-client-token');
  });

  it('that is mended: the same command goes on', async () => {
    flags({});
    expect(await rollout.run<MoveReport>(['start', 'everyone'])).toMatchObject({
      cohorts: [{ stage: 'soaking' }],
    });
  });

  it('that went away meanwhile: soak still compares, and ends with 6; status says so', async () => {
    flags({ url: NO_SERVER });
    expect(await failing(rollout.config, 'soak', 6)).toMatchObject({ code: 'flag-server-unavailable' });
    const { cohorts } = await rollout.run<StatusReport>(['status']);
    expect(cohorts[0]?.waitingFor.join(' ')).toContain('127.0.0.1:9');
    expect(await rollout.run<VerifyReport>(['verify'])).toMatchObject({ cohorts: [{ compared: 3 }] });
  });

  it('whose token is refused meanwhile: soak ends with 2', async () => {
    flags({ client_token: 'default:production.wrong-client-token' });
    expect((await failing(rollout.config, 'soak', 2)).code).toMatch(/^flag-token-/);
  });
});
