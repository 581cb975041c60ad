import { describe, expect, it } from 'vitest';
import { GUARD, wantedStrategies } from '../../src/core/flag-plan.ts';
import { compareFlags } from '../../src/flags/drift.ts';
import { openFlags } from '../../src/flags/open.ts';
import { flagConfig } from '../support/flag-config.ts';
import { sharedUnleash } from '../support/unleash.ts';
import { COHORTS, COMPLETING, implied, STEPS, USERS } from './overlap.ts';

const unleash = sharedUnleash();
const wanted = (...on: readonly string[]) => wantedStrategies(COHORTS, new Set(on));

let count = 0;
/** Flags of their own for a test, on the server of the file. */
async function prepared() {
  const prefix = `test-${++count}`;
  const flags = openFlags(flagConfig({ url: unleash.url, prefix }));
  await flags.prepare(['school', 'role']);
  const path = `projects/default/features/${prefix}.default`;
  return { flags, flag: `${prefix}.default`, path, environment: `${path}/environments/production` };
}

async function idOf(environment: string, title: string): Promise<string> {
  const seen = await unleash.byHand('ada', 'GET', environment);
  const { strategies } = seen as { strategies: { id: string; title: string }[] };
  return strategies.find((one) => one.title === title)?.id ?? 'none';
}

describe('flags in Unleash', () => {
  it('answers for every user what the cohorts imply, at each step forward and back', async () => {
    const { flags } = await prepared();
    let before: readonly string[] = [];
    for (const on of STEPS) {
      await flags.apply('default', wanted(...on), wanted(...before));
      expect(await flags.evaluate('default', USERS), `on: ${on.join(', ') || 'none'}`).toEqual(implied(on));
      before = on;
    }
  });

  it('answers the same while cohorts complete and leave dual_write from the front', async () => {
    const { flags } = await prepared();
    for (const on of COMPLETING) {
      await flags.apply('dual_write', wanted(...on));
      expect(await flags.evaluate('dual_write', USERS), `on: ${on.join(', ')}`).toEqual(implied(on));
    }
  });

  it('prepares flags that are on with nobody in them, however often it is asked', async () => {
    const { flags, flag } = await prepared();
    await flags.prepare(['school']);
    const seen = await flags.observe('default');
    expect(seen).toMatchObject({ flag, exists: true, enabled: true, strategies: [GUARD], foreign: [] });
    expect(await flags.evaluate('default', USERS)).not.toContain(true);
  });

  it('writes only what differs, and nothing the second time', async () => {
    const { flags } = await prepared();
    await flags.apply('default', wanted('staff'));
    await flags.apply('default', wanted('staff', 'tenth'));
    const { changes } = await flags.observe('default');
    await flags.apply('default', wanted('staff', 'tenth'));
    expect((await flags.observe('default')).changes).toEqual(changes);
    expect(changes.filter(({ kind }) => kind === 'added').map(({ title }) => title)).toEqual([
      'dualpath: tenth',
      'dualpath: staff',
      GUARD.title,
    ]);
  });

  it('stays on when its last cohort goes, so that nobody is switched on by switching it on again', async () => {
    const { flags } = await prepared();
    await flags.apply('default', wanted('everyone'));
    await flags.apply('default', []);
    expect(await flags.observe('default')).toMatchObject({ enabled: true, strategies: [GUARD] });
    expect(await flags.evaluate('default', USERS)).not.toContain(true);
  });

  it('goes on with a preparation that died before the flag was switched on', async () => {
    const prefix = `test-${++count}`;
    await unleash.byHand('ada', 'POST', 'projects/default/features', {
      name: `${prefix}.default`,
      type: 'release',
    });
    const flags = openFlags(flagConfig({ url: unleash.url, prefix }));
    await flags.prepare([]);
    expect(await flags.observe('default')).toMatchObject({ enabled: true, strategies: [GUARD] });
    expect(await flags.evaluate('default', USERS)).not.toContain(true);
  });

  it('takes 250 listed users, every one of them, and refuses one more before writing', async () => {
    const { flags } = await prepared();
    const users = Array.from({ length: 250 }, (_, index) => `listed-${index}`);
    const definition = { users };
    await flags.apply('default', wantedStrategies([{ name: 'listed', definition }], new Set(['listed'])));
    const asked = [...users, 'listed-250'].map((id) => ({ id, attributes: {} }));
    expect(await flags.evaluate('default', asked)).toEqual([...users.map(() => true), false]);
    const more = { users: [...users, 'listed-250'] };
    expect(() => wantedStrategies([{ name: 'listed', definition: more }], new Set(['listed']))).toThrow(
      expect.objectContaining({ code: 'too-many-values', exitCode: 2 }),
    );
  });

  it('sees what somebody else does in another environment as none of its business', async () => {
    const { flags, path } = await prepared();
    const before = await flags.observe('default');
    await unleash.byHand('ada', 'POST', `${path}/environments/development/on`);
    const after = await flags.observe('default');
    expect(compareFlags(wanted(), after)).toEqual([]);
    expect(after.changes).toEqual(before.changes);
  });
});

describe('a change made by somebody else in Unleash', () => {
  it('to a strategy of ours is reported with who and when, and not overwritten', async () => {
    const { flags, environment, flag } = await prepared();
    await flags.apply('default', wanted('staff', 'tenth'));
    const id = await idOf(environment, 'dualpath: tenth');
    const patch = [{ op: 'replace', path: '/parameters/rollout', value: '50' }];
    await unleash.byHand('ada', 'PATCH', `${environment}/strategies/${id}`, patch);

    const seen = await flags.observe('default');
    expect(seen.lastChange).toMatchObject({ by: 'ada', kind: 'changed', title: 'dualpath: tenth' });
    const error = await flags
      .apply('default', wanted('staff'), wanted('staff', 'tenth'))
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'flags-changed', exitCode: 5 });
    expect(error).toMatchObject({
      details: {
        drift: [
          { flag, kind: 'changed', what: 'strategy "dualpath: tenth"', by: 'ada', at: seen.lastChange?.at },
        ],
      },
    });
    expect((await flags.observe('default')).strategies).toEqual(seen.strategies);
  });

  it.each([
    ['a strategy of theirs', 'added', 'POST', 'strategies', { name: 'default', title: 'beta' }],
    ['switching it off', 'switched-off', 'POST', 'off', undefined],
  ])('by %s is reported', async (_, kind, method, where, body) => {
    const { flags, environment } = await prepared();
    await flags.apply('default', wanted('staff'));
    await unleash.byHand('ada', method, `${environment}/${where}`, body);
    const drift = compareFlags(wanted('staff'), await flags.observe('default'));
    expect(drift).toMatchObject([{ kind, by: 'ada', at: expect.stringMatching(/Z$/) }]);
    await expect(flags.apply('default', wanted())).rejects.toMatchObject({ code: 'flags-changed' });
    await expect(flags.prepare([])).rejects.toMatchObject({ code: 'flags-changed' });
  });

  it('by disabling, renaming or removing a strategy of ours is reported', async () => {
    const { flags, environment } = await prepared();
    await flags.apply('default', wanted('staff', 'tenth', 'everyone'));
    const at = async (title: string) => `${environment}/strategies/${await idOf(environment, title)}`;
    await unleash.byHand('ada', 'PATCH', await at('dualpath: staff'), [
      { op: 'replace', path: '/disabled', value: true },
    ]);
    await unleash.byHand('bob', 'PATCH', await at('dualpath: tenth'), [
      { op: 'replace', path: '/title', value: 'mine now' },
    ]);
    await unleash.byHand('cyd', 'DELETE', await at('dualpath: everyone'));
    const drift = compareFlags(wanted('staff', 'tenth', 'everyone'), await flags.observe('default'));
    expect(drift.map(({ kind, what, by }) => [kind, what, by])).toEqual([
      ['changed', 'strategy "dualpath: staff" (disabled)', 'ada'],
      ['added', 'strategy "mine now" (flexibleRollout, 10 %)', 'bob'],
      ['removed', 'strategy "dualpath: tenth"', 'bob'],
      ['removed', 'strategy "dualpath: everyone"', 'cyd'],
    ]);
  });

  it('by removing every strategy, which switches the flag off, is reported whole', async () => {
    const { flags, environment } = await prepared();
    await unleash.byHand(
      'ada',
      'DELETE',
      `${environment}/strategies/${await idOf(environment, GUARD.title)}`,
    );
    const drift = compareFlags(wanted(), await flags.observe('default'));
    expect(drift.map(({ kind }) => kind)).toEqual(['switched-off', 'removed']);
    await expect(flags.apply('default', wanted('staff'))).rejects.toMatchObject({ code: 'flags-changed' });
  });

  it('by a parent flag, which decides over ours, is reported', async () => {
    const { flags, flag } = await prepared();
    const parent = await prepared();
    await unleash.byHand('ada', 'POST', `projects/default/features/${flag}/dependencies`, {
      feature: parent.flag,
      enabled: true,
    });
    expect(compareFlags(wanted(), await flags.observe('default'))).toMatchObject([
      { kind: 'added', what: `a dependency on the flag ${parent.flag}` },
    ]);
  });

  it('by archiving the flag is reported, and its name is not taken again', async () => {
    const { flags, path } = await prepared();
    await unleash.byHand('ada', 'DELETE', path);
    expect(compareFlags(wanted(), await flags.observe('default'))).toMatchObject([
      { kind: 'removed', what: 'the flag itself', by: 'ada' },
    ]);
    await expect(flags.prepare([])).rejects.toMatchObject({ code: 'flag-name-taken', exitCode: 5 });
    await expect(flags.evaluate('default', USERS)).rejects.toMatchObject({
      code: 'flag-not-visible',
      exitCode: 2,
    });
  });

  it('that can change nobody’s answer is left alone', async () => {
    const { flags, environment } = await prepared();
    await unleash.byHand('ada', 'POST', `${environment}/strategies`, {
      name: 'flexibleRollout',
      title: 'later',
      parameters: { rollout: '0' },
    });
    await flags.apply('default', wanted('staff'), wanted());
    expect(await flags.evaluate('default', USERS)).toEqual(implied(['staff']));
    expect((await flags.observe('default')).foreign).toMatchObject([{ title: 'later', effective: false }]);
  });

  it('a flag that is open to somebody before us is not taken over', async () => {
    const prefix = `test-${++count}`;
    const path = `projects/default/features`;
    await unleash.byHand('ada', 'POST', path, { name: `${prefix}.default`, type: 'release' });
    // Switching on without a strategy adds one of a hundred per cent.
    await unleash.byHand('ada', 'POST', `${path}/${prefix}.default/environments/production/on`);
    const flags = openFlags(flagConfig({ url: unleash.url, prefix }));
    await expect(flags.prepare([])).rejects.toMatchObject({ code: 'flags-changed', exitCode: 5 });
  });
});
