import { beforeAll, describe, expect, it } from 'vitest';
import type { Gate, MoveReport, SoakReport, WhyReport } from '../../src/controller.ts';
import { type DocumentStore, openDocumentStore } from '../../src/index.ts';
import { Device } from '../support/device.ts';
import {
  expectNothingLostOrDoubled,
  openScenario,
  type Scenario,
  save,
  stageOf,
  withParagraph,
} from '../support/scenario.ts';

/** What a trigger of somebody's does to the local-first table. */
const triggerSql = (body: string): string => `
  create function public.meddle() returns trigger language plpgsql as $$ begin ${body} return new; end $$;
  create trigger meddle before update on local_first.documents for each row execute function public.meddle();`;
const UNTRIGGERED = 'drop function public.meddle() cascade';

describe.each<{
  fault: string;
  sql: string;
  mend: string;
  /** The save that meets the fault: what its caller gets. */
  saves: 'saved' | 'quarantined' | 'throws';
  gate: string;
  because: RegExp;
  clears: RegExp;
  mended: readonly (readonly string[])[];
}>([
  {
    fault: 'a local-first table that refuses states',
    sql: triggerSql(`raise exception 'the disk of the second store is full';`),
    mend: UNTRIGGERED,
    saves: 'quarantined',
    gate: 'write-errors',
    because: /^failed writes 1 > 0 \(of 1 through the library: local-first not-stored 1\)$/,
    clears: /`dualpath quarantine retry` and `dualpath soak everyone`/,
    mended: [['quarantine', 'retry']],
  },
  {
    fault: 'a local-first table that changes the bytes of states',
    sql: triggerSql(`new.state := '\\x00ff00'::bytea;`),
    mend: UNTRIGGERED,
    saves: 'saved',
    gate: 'verification',
    because: /^drift 1 > 0$/,
    clears: /`dualpath verify everyone --repair`/,
    mended: [['verify', '--repair']],
  },
  {
    fault: 'a local-first table that is slow',
    sql: triggerSql(`perform pg_sleep(1.1);`),
    mend: UNTRIGGERED,
    saves: 'saved',
    gate: 'latency',
    because: /^both paths at p99 1\d\d\d(\.\d)? ms > 1000 ms \(the legacy path alone /,
    clears: /second path/,
    mended: [],
  },
  {
    fault: 'a legacy table that refuses contents',
    sql: `alter table public.documents add constraint unwelcome check (position('metthefault' in content::text) = 0)`,
    mend: `alter table public.documents drop constraint unwelcome`,
    saves: 'throws',
    gate: 'write-errors',
    because: /^failed writes 1 > 0 \(of 1 through the library: legacy 23514 1\)$/,
    clears: /`dualpath soak everyone`/,
    mended: [],
  },
])('with $fault', ({ sql, mend, saves, gate, because, clears, mended }) => {
  let scenario: Scenario;
  let documents: DocumentStore;

  beforeAll(async () => {
    scenario = await openScenario({ documents: 6 });
    const { database, rollout } = scenario;
    documents = await openDocumentStore({ config: rollout.config, pool: database.pool });
    await rollout.run(['start', 'everyone']);
  });

  const firstId = async (): Promise<string> => {
    const { rows } = await scenario.database.pool.query<{ id: string }>(
      'select id::text as id from public.documents order by id limit 1',
    );
    return rows[0]?.id ?? '';
  };

  async function saveOnce(word: string): Promise<string> {
    const id = await firstId();
    const { content, revision } = await documents.load({ id });
    const saving = documents.save({
      id,
      content: withParagraph(content, word),
      baseRevision: revision ?? undefined,
    });
    return saving.then(({ outcome }) => outcome).catch(() => 'throws');
  }

  it('a save that meets it is told, or keeps its words on the legacy path', async () => {
    await scenario.database.pool.query(sql);
    expect(await saveOnce('metthefault')).toBe(saves);
    const { rows } = await scenario.database.pool.query<{ kept: boolean }>(
      `select content::text like '%metthefault%' as kept from public.documents where id::text = $1`,
      [await firstId()],
    );
    expect(rows).toEqual([{ kept: saves !== 'throws' }]);
  });

  it('the next soak fails, says what, and what would clear it', async () => {
    const why = await scenario.rollout.run<WhyReport>(['why', 'everyone']);
    if (gate !== 'verification')
      expect(why.gates.find((each) => each.gate === gate)).toMatchObject({
        verdict: 'fail',
        clears: expect.stringMatching(clears),
      });
    const report = await scenario.rollout.run<SoakReport>(['soak'], 3);
    expect(report.cohorts[0]?.gates.find((each) => each.gate === gate)).toMatchObject({
      verdict: 'fail',
      because: expect.stringMatching(because),
    });
    expect(report.cohorts[0]).toMatchObject({
      observations: saves === 'saved' ? 1 : 0,
      mismatches: gate === 'verification' ? 1 : 0,
    });
  });

  it('never flips: what failed stands, though its clock has started again', async () => {
    const { outcome, because } = await scenario.rollout.run<MoveReport>(['flip', 'everyone'], 3);
    expect({ outcome, because }).toEqual({ outcome: 'failed', because: expect.stringContaining(' > ') });
    expect(await stageOf(scenario)).toBe('soaking');
  });

  it('mended, it soaks, and flips after all', async () => {
    await scenario.database.pool.query(mend);
    for (const command of mended) await scenario.rollout.run(command);
    await save(scenario, 'afterwards');
    expect(await scenario.rollout.run<SoakReport>(['soak'])).toMatchObject({ verdict: 'pass' });
    await scenario.rollout.run(['flip', 'everyone']);
    expect(await stageOf(scenario)).toBe('baking');
    await expectNothingLostOrDoubled(scenario);
  });
});

describe('after the flip, with a legacy table that refuses what is mirrored to it', () => {
  it('a push is kept aside, and a bake that is told to takes the cohort back', async () => {
    const scenario = await openScenario({
      documents: 6,
      keys: { bake: { duration: '0s', on_fail: 'roll-back' } },
    });
    const { rollout, database } = scenario;
    await rollout.run(['start', 'everyone']);
    await save(scenario, 'anobservation');
    await rollout.run(['soak']);
    await rollout.run(['flip', 'everyone']);
    await database.pool.query(
      `alter table public.documents add check (position('unwelcome' in content::text) = 0)`,
    );
    const { rows } = await database.pool.query<{ id: string }>(
      'select id::text as id from public.documents order by id limit 1',
    );
    const documents = await openDocumentStore({ config: rollout.config, pool: database.pool });
    const device = await Device.open(documents, rows[0]?.id ?? '', 'phone');
    device.append('unwelcome');
    expect(await device.push()).toMatchObject({ outcome: 'quarantined' });
    // A scheduled job has its round first; `run` acts on what that found.
    await rollout.run(['soak'], 3);
    await rollout.run(['run']);
    const { rows: rounds } = await database.pool.query<{ gates: readonly Gate[] }>(
      `select gates from dualpath.rounds where verdict = 'fail'`,
    );
    expect(rounds.map(({ gates }) => gates.find(({ gate }) => gate === 'write-errors'))).toMatchObject([
      { verdict: 'fail', because: 'failed writes 1 > 0 (of 1 through the library: legacy not-stored 1)' },
    ]);
    expect(await stageOf(scenario)).toBe('rolled-back');
  });
});
