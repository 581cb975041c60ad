import { beforeAll, describe, expect, it } from 'vitest';
import type { PlanReport, StatusReport } from '../../src/controller.ts';
import {
  controlling,
  expectNothingLostOrDoubled,
  openScenario,
  type Scenario,
  save,
} from '../support/scenario.ts';

const STAFF = { name: 'staff', users: ['u-1', 'u-2'] };
const PILOT = { name: 'pilot-school', match: { school: ['lincoln-high'] } };
const REST = { name: 'everyone', everyone: true };

interface Link {
  readonly cohort: string;
  readonly authority: string;
  readonly lineage: string;
  readonly deleted: boolean;
}

describe('documents and users that move between the steps of a rollout', () => {
  let scenario: Scenario;

  beforeAll(async () => {
    scenario = await openScenario({ documents: 60, cohorts: [STAFF, PILOT] });
    await scenario.rollout.run(['start', 'staff']);
    await scenario.rollout.run(['start', 'pilot-school']);
  });

  const sql = (text: string, values: unknown[] = []) => scenario.database.pool.query(text, values);

  async function create(owner: string, id: string): Promise<void> {
    await sql(
      `insert into public.documents (id, owner_id, title, content)
       select $2, $1, 'new', content from public.documents order by id limit 1`,
      [owner, id],
    );
  }

  async function linkOf(id: string): Promise<Link | undefined> {
    const { rows } = await sql(
      `select cohort, authority, lineage, deleted_at is not null as deleted from dualpath.documents where id = $1`,
      [id],
    );
    return rows[0] as Link | undefined;
  }

  async function statusOf(cohort: string): Promise<StatusReport['cohorts'][number]> {
    const { cohorts } = await controlling(scenario, (controller) => controller.status([cohort]));
    if (!cohorts[0]) throw new Error(`no status of ${cohort}`);
    return cohorts[0];
  }

  /** The pilot school's documents and those of others, by their owners now. */
  const oneOf = async (condition: string): Promise<{ id: string; owner: string }> =>
    (
      await sql(
        `select d.id, d.owner_id as owner from public.documents d join public.users u on u.id = d.owner_id
          where ${condition} order by d.id limit 1`,
      )
    ).rows[0] as { id: string; owner: string };

  const soak = () => controlling(scenario, (controller) => controller.soak([]));

  const NEW = '00000000-0000-4000-8000-000000000001';
  const LATE = '00000000-0000-4000-8000-000000000002';

  it('one that is created is counted as moving, and enrolled by the next round', async () => {
    const before = await statusOf('staff');
    await create('u-1', NEW);
    const between = await statusOf('staff');
    expect(between.moving).toBe(before.moving + 1);
    await soak();
    const after = await statusOf('staff');
    expect(after).toMatchObject({
      moving: 0,
      documents: { total: before.documents.total + 1, migrated: before.documents.migrated + 1 },
    });
    expect(await linkOf(NEW)).toMatchObject({ cohort: 'staff', authority: 'legacy' });
  });

  it('one with a new owner, and those of a user who changes school, go to the cohort they belong to now', async () => {
    const pupil = await oneOf(`u.school_id = 'lincoln-high'`);
    const joining = await oneOf(`u.school_id = 'jefferson-prep'`);
    expect(await linkOf(joining.id)).toBeUndefined();
    await sql(`update public.documents set owner_id = $1 where id = $2`, [pupil.owner, NEW]);
    await sql(`update public.users set school_id = 'lincoln-high' where id = $1`, [joining.owner]);
    expect((await statusOf('staff')).moving).toBe(1);
    expect((await statusOf('pilot-school')).moving).toBeGreaterThanOrEqual(2);
    await soak();
    expect(await linkOf(NEW)).toMatchObject({ cohort: 'pilot-school', lineage: '1' });
    expect(await linkOf(joining.id)).toMatchObject({ cohort: 'pilot-school' });
    expect((await statusOf('pilot-school')).moving).toBe(0);
  });

  it('one that leaves for a cohort that has not started stays as it is, counted as moving', async () => {
    const leaving = await oneOf(`u.school_id = 'lincoln-high' and d.id <> '${NEW}'`);
    await sql(`update public.users set school_id = 'adams-academy' where id = $1`, [leaving.owner]);
    await soak();
    expect(await linkOf(leaving.id)).toMatchObject({ cohort: 'pilot-school', lineage: '1' });
    expect((await statusOf('pilot-school')).moving).toBeGreaterThanOrEqual(1);
    // It is written to both stores all the same.
    await save(scenario, 'leftandwritten', `id = '${leaving.id}'`, 1);
    await soak();
    await sql(`update public.users set school_id = 'lincoln-high' where id = $1`, [leaving.owner]);
    await soak();
    expect((await statusOf('pilot-school')).moving).toBe(0);
  });

  it('one that is deleted counts no more; created again by its owner it goes on where it was', async () => {
    const before = (await statusOf('pilot-school')).documents;
    const { rows } = await sql(`delete from public.documents where id = $1 returning owner_id as owner`, [
      NEW,
    ]);
    await soak();
    expect(await linkOf(NEW)).toMatchObject({ deleted: true });
    expect((await statusOf('pilot-school')).documents).toMatchObject({
      total: before.total - 1,
      drift: 0,
    });
    await create((rows[0] as { owner: string }).owner, NEW);
    await soak();
    expect(await linkOf(NEW)).toMatchObject({ deleted: false, lineage: '1' });
    expect((await statusOf('pilot-school')).documents).toMatchObject({ total: before.total, drift: 0 });
  });

  it('one that comes into a baking cohort follows to local-first before the cohort completes; one that leaves keeps it', async () => {
    await save(scenario, 'anobservation', `owner_id in ('u-1', 'u-2')`);
    await soak();
    await scenario.rollout.run(['flip', 'staff']);
    await create('u-2', LATE);
    const pupil = await oneOf(`u.school_id = 'lincoln-high'`);
    const leaving = await oneOf(`u.id = 'u-1'`);
    await sql(`update public.documents set owner_id = $1 where id = $2`, [pupil.owner, leaving.id]);
    await save(scenario, 'whilebaking', `owner_id in ('u-1', 'u-2')`);
    await soak();
    expect(await linkOf(LATE)).toMatchObject({ cohort: 'staff', authority: 'legacy' });
    expect(await linkOf(leaving.id)).toMatchObject({ cohort: 'pilot-school', authority: 'local-first' });
    expect(await statusOf('staff')).toMatchObject({ authority: 'mixed' });
    await scenario.rollout.run(['complete', 'staff', '--yes', '--reason', 'it held']);
    expect(await linkOf(LATE)).toMatchObject({ authority: 'local-first' });
    expect(await statusOf('staff')).toMatchObject({ stage: 'completed', authority: 'local-first' });
  });

  it('a started cohort that the file says otherwise is shown by `plan`, and refused by what changes something', async () => {
    scenario.rollout.change({ cohorts: [STAFF, { ...PILOT, match: { school: ['roosevelt-middle'] } }] });
    const { warnings } = await scenario.rollout.run<PlanReport>(['plan']);
    expect(warnings.join('\n')).toContain('pilot-school');
    for (const args of [
      ['soak'],
      ['flip', 'pilot-school'],
      ['rollback', 'pilot-school', '--reason', 'x'],
      ['pause', 'pilot-school'],
    ]) {
      const { error } = await scenario.rollout.run<{ error: { code: string } }>(args, 2);
      expect(error.code).toBe('cohort-changed');
    }
    scenario.rollout.change({ cohorts: [PILOT, STAFF] });
    await scenario.rollout.run(['soak'], 2);
  });

  it('a cohort that is rolled back may be defined anew: it is journaled, and the next start goes by it', async () => {
    const other = { ...PILOT, match: { school: ['roosevelt-middle'] } };
    scenario.rollout.change({ cohorts: [STAFF, other] });
    const refused = await scenario.rollout.run<{ error: { remedy: string } }>(['soak'], 2);
    const [, remedy = ''] = /`dualpath (rollback [^`]+)`/.exec(refused.error.remedy) ?? [];
    scenario.rollout.change({ cohorts: [STAFF, PILOT] });
    await scenario.rollout.run(remedy.replaceAll('"', '').split(' '));
    scenario.rollout.change({ cohorts: [STAFF, other] });
    const { warnings } = await scenario.rollout.run<PlanReport>(['plan']);
    expect(warnings.join('\n')).toMatch(/pilot-school.*the file's is recorded/);
    await scenario.rollout.run(['start', 'pilot-school']);
    const { rows } = await sql(
      `select distinct u.school_id as school from dualpath.documents d join public.documents l on l.id::text = d.id
         join public.users u on u.id = l.owner_id where d.cohort = 'pilot-school'`,
    );
    expect(rows).toContainEqual({ school: 'roosevelt-middle' });
    const { entries } = await scenario.rollout.run<{ entries: { kind: string; data: object }[] }>([
      'journal',
      'show',
      'pilot-school',
    ]);
    expect(entries.find(({ kind }) => kind === 'definition-changed')?.data).toEqual({
      from: { match: PILOT.match },
      to: { match: other.match },
    });
    await scenario.rollout.run(['rollback', 'pilot-school', '--reason', 'back to what it was']);
    scenario.rollout.change({ cohorts: [STAFF, PILOT] });
    await scenario.rollout.run(['start', 'pilot-school']);
  });

  it('cohorts at the end and other soak times are taken, and journaled', async () => {
    scenario.rollout.change({ cohorts: [STAFF, { ...PILOT, soak: { min_observations: 7 } }, REST] });
    await scenario.rollout.run(['start', 'everyone']);
    const { entries } = await scenario.rollout.run<{ entries: { kind: string }[] }>([
      'journal',
      'show',
      'pilot-school',
    ]);
    expect(entries.map(({ kind }) => kind)).toContain('policy-changed');
    await expectNothingLostOrDoubled(scenario);
  });
});
