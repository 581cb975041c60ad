import { beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import type { MoveReport, PlanReport } from '../../src/controller.ts';
import { type PlainProgram, PROGRAM_KEYS, PROGRAM_TABLE, plainProgram } from './plain-program.ts';
import { controlling, insertLegacy, type OwnRollout, openOwn } from './support.ts';

let own: OwnRollout;
let program: PlainProgram;

const ROLLBACK = ['rollback', 'everyone', '--reason', 'a drill'];

/** What only the states hold. */
async function besideOf(id: string): Promise<object> {
  const { rows } = await own.database.pool.query('select data from app.ydocs where name = $1', [id]);
  const doc = new Y.Doc();
  Y.applyUpdate(doc, rows[0]?.data);
  return { title: doc.getText('title').toString(), comments: doc.getMap('comments').toJSON() };
}

/** From wherever it stands to baking. */
const forward = () =>
  controlling(own, async (controller) => {
    await controller.start('everyone', {});
    await program.type('plain', 'anobservation');
    await controller.soak([]);
    expect(await controller.flip('everyone', {})).toMatchObject({ outcome: 'moved' });
  });

describe('documents whose state holds what the legacy format has no place for', () => {
  beforeAll(async () => {
    own = await openOwn(PROGRAM_TABLE, PROGRAM_KEYS);
    program = plainProgram(own.database.pool);
    await insertLegacy(own, 'plain', 'only words', 'and more of them');
    await program.create('titled', 'u-2', 'a title');
    await program.create('discussed', 'u-2', 'a title and comments');
    await program.comment('discussed', 'well said');
    await program.comment('discussed', 'or not');
    await own.rollout.run(['init']);
  });

  test('are counted in the plan', async () => {
    const { cohorts } = await own.rollout.run<PlanReport>(['plan']);
    expect(cohorts[0]).toMatchObject({
      documents: 3,
      unconvertibleTotal: 0,
      unmirroredTotal: 2,
      unmirrored: [
        { document: 'discussed', constructs: 2 },
        { document: 'titled', constructs: 1 },
      ],
    });
    const { stdout } = await own.rollout.try(['plan']);
    expect(stdout).toMatch(
      /2 documents hold on the local-first side what the legacy format has no place for/,
    );
    expect(stdout).toMatch(/discussed +2 constructs/);
  });

  test('are named by a dry run of the rollback as what legacy editors would not show', async () => {
    await forward();
    const report = await own.rollout.run<MoveReport>([...ROLLBACK, '--dry-run']);
    expect(report).toMatchObject({
      outcome: 'would',
      wouldLose: ['discussed', 'titled'],
      unmirrored: [
        { document: 'discussed', constructs: 2 },
        { document: 'titled', constructs: 1 },
      ],
    });
    const { stdout } = await own.rollout.try([...ROLLBACK, '--dry-run']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('2 documents hold 3 constructs');
    expect(stdout).not.toContain('lose nothing');
    expect(stdout).toMatch(/titled +1 construct$/m);
  });

  test('keep it in the local-first table through a rollback and forward again', async () => {
    const before = [await besideOf('titled'), await besideOf('discussed')];
    await own.rollout.run(ROLLBACK);
    await program.type('discussed', 'rolledback');
    await forward();
    expect([await besideOf('titled'), await besideOf('discussed')]).toEqual(before);
    expect(before[1]).toMatchObject({ comments: { 'c-0': 'well said', 'c-1': 'or not' } });
  });
});
