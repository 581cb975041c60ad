import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wantedStrategies } from '../../src/core/flag-plan.ts';
import { openFlags } from '../../src/flags/open.ts';
import type { FlagPort } from '../../src/flags/port.ts';
import { checkParity, cohortsOn, requireParity } from '../../src/soak/parity.ts';
import { openSchool, type School } from '../backfill/school.ts';
import { flagConfig } from '../support/flag-config.ts';

const CONFIG = `version: 1
database: embedded
documents: {}
users: { attributes: { school: school_id } }
flags: { provider: file }
cohorts:
  - { name: staff, users: [u-1, u-2] }
  - { name: pilot, match: { school: [s-1] } }
  - { name: third, percent: 33 }
  - { name: everyone, everyone: true }
`;

describe('flag parity', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dualpath-parity-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let school: School;
  let flags: FlagPort;
  beforeAll(async () => {
    school = await openSchool(0, CONFIG);
    await school.pool.query(
      `insert into public.users select 'u-' || n, 's-' || n % 3 from generate_series(11, 6000) n`,
    );
    await school.pool.query(`insert into public.users values ('ü "quoted" 😀', null), ('', 's-1')`);
    flags = openFlags(flagConfig({ provider: 'file', path: 'flags.json' }), { baseFolder: folder });
    await flags.prepare(['school']);
  });
  const serve = (...names: string[]) =>
    flags.apply('default', wantedStrategies(school.stores.config.cohorts, new Set(names)));
  const check = (on: readonly string[], changing: readonly string[] = []) =>
    checkParity(
      school.pool,
      school.stores,
      flags,
      { default: { on: new Set(on), changing: new Set(changing) } },
      'all',
    );

  it('asks for every user, and finds the SDK of one mind with the stages', async () => {
    for (const on of [
      [],
      ['staff'],
      ['staff', 'pilot'],
      ['pilot', 'third'],
      ['staff', 'pilot', 'third', 'everyone'],
    ]) {
      await serve(...on);
      expect(await check(on)).toEqual({ checked: 6_001, wrong: 0, examples: [] });
    }
  });

  it('finds each user whom the flag answers otherwise, and names some', async () => {
    await serve('staff', 'pilot');
    const parity = await check(['staff']);
    expect(parity.wrong).toBe(1_999);
    expect(parity.examples).toHaveLength(5);
    expect(parity.examples[0]).toMatchObject({ role: 'default', implied: false, answered: true });
  });

  it('leaves out who depends on a flag that is being written', async () => {
    await serve('staff', 'pilot');
    expect(await check(['staff'], ['pilot'])).toMatchObject({ checked: 4_002, wrong: 0 });
  });

  it('looks around the users of a sample: at those beside them, too', async () => {
    await serve('staff', 'pilot', 'third', 'everyone');
    const wanted = { default: { on: new Set(['staff']), changing: new Set<string>() } };
    const parity = await checkParity(school.pool, school.stores, flags, wanted, ['u-1', 'not a user']);
    expect(parity).toMatchObject({ checked: 2, wrong: 1 });
  });

  it('reads the stages of all cohorts into what each flag must be', () => {
    const stages = [
      { name: 'a', stage: 'completed' },
      { name: 'b', stage: 'cutting-over' },
      { name: 'c', stage: 'soaking' },
      { name: 'd', stage: 'baking' },
    ] as const;
    expect(cohortsOn(stages, 'default')).toEqual({ on: new Set(['a', 'd']), changing: new Set(['b']) });
    expect(cohortsOn(stages, 'dual_write')).toEqual({ on: new Set(['b', 'c', 'd']), changing: new Set() });
  });

  it('does not hold a start or a rollback that waits for the flag server against other cohorts', () => {
    const stages = [
      { name: 'a', stage: 'dual-writing' },
      { name: 'b', stage: 'rolling-back' },
    ] as const;
    expect(cohortsOn(stages, 'dual_write')).toEqual({ on: new Set(), changing: new Set(['a', 'b']) });
    expect(cohortsOn(stages, 'default')).toEqual({ on: new Set(), changing: new Set(['b']) });
  });

  describe('knows of a flag write that has not ended', () => {
    const stages = [
      { name: 'a', stage: 'baking' },
      { name: 'b', stage: 'soaking' },
    ] as const;
    const read = (confirmed: readonly string[], intended: readonly string[] | null) =>
      cohortsOn(stages, 'dual_write', {
        confirmed: new Set(confirmed),
        intended: intended && new Set(intended),
      });

    it('one whose outcome is not on record may be either way', () => {
      expect(read(['a', 'b'], ['b'])).toEqual({ on: new Set(['b']), changing: new Set(['a']) });
    });

    it('a baking cohort with dual_write confirmed off is half completed: off is right', () => {
      expect(read(['b'], null)).toEqual({ on: new Set(['b']), changing: new Set() });
    });

    it('nowhere else is a flag right that is off by the record and on by the stage', () => {
      expect(read(['a'], null)).toEqual({ on: new Set(['a', 'b']), changing: new Set() });
      const { on } = cohortsOn(stages, 'default', { confirmed: new Set(), intended: null });
      expect(on).toEqual(new Set(['a']));
    });
  });

  it('stops start and flip when one user is answered otherwise', async () => {
    await serve('staff');
    const session = { pool: school.pool, stores: school.stores, flags };
    expect(await requireParity(session, 'default', new Set(['staff']))).toMatchObject({ wrong: 0 });
    await expect(requireParity(session, 'default', new Set())).rejects.toMatchObject({
      code: 'flag-parity',
      exitCode: 5,
      message: expect.stringContaining('2 of 6001 users'),
    });
  });
});
