import { expect, test } from 'vitest';
import { randomFrom, SEED } from '../support/scenario.ts';
import { type PlainProgram, PROGRAM_KEYS, PROGRAM_TABLE, plainProgram } from './plain-program.ts';
import { controlling, insertLegacy, type OwnRollout, openOwn, recordedDrift } from './support.ts';

const DOCUMENTS = 12;
const ROUNDS = 5;
const WRITES = 16;

/** What the program does wrong, and the class under which that is to be found. */
const FAULTS: readonly {
  readonly found: string;
  readonly make: (program: PlainProgram, own: OwnRollout, id: string, word: string) => Promise<unknown>;
}[] = [
  { found: 'stale', make: (program, _, id, word) => program.type(id, word, { lose: 'local-first' }) },
  { found: 'stale', make: (program, _, id, word) => program.type(id, word, { lose: 'legacy' }) },
  { found: 'doubled', make: (program, _, id) => program.seedAgain(id) },
  {
    found: 'missing',
    make: async (program, own, id, word) => {
      await program.type(id, word);
      await own.database.pool.query('delete from app.ydocs where name = $1', [id]);
    },
  },
];

test(`whatever an application loses, its soak names it, and nothing else (DUALPATH_SEED=${SEED})`, async () => {
  const random = randomFrom(SEED);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const own = await openOwn(PROGRAM_TABLE, PROGRAM_KEYS);
  const program = plainProgram(own.database.pool);
  const ids = Array.from({ length: DOCUMENTS }, (_, n) => `doc-${n}`);
  for (const id of ids)
    await insertLegacy(own, id, `the first words of ${id}`, `and those that follow in ${id}`);
  await controlling(own, (controller) => controller.init());
  await controlling(own, (controller) => controller.start('everyone', {}));

  /** Written unevenly since the last round, which makes up for a write that was lost where writes are counted. */
  const uneven = new Set<string>();
  /** The writer's own record of what it has spoilt. */
  const broken = new Map<string, string>();
  const bytesOf = async () =>
    (await own.database.pool.query('select name, data from app.ydocs order by name')).rows;
  const soak = () => controlling(own, (controller) => controller.soak([]));

  async function write(word: string): Promise<void> {
    const sound = ids.filter((id) => !broken.has(id));
    const what = random();
    if (what < 0.1) {
      ids.push(`new-${word}`);
      uneven.add(`new-${word}`);
      return program.create(`new-${word}`, 'u-2', `created as ${word}`);
    }
    if (what < 0.2) {
      const id = pick(sound);
      uneven.add(id);
      return program.comment(id, word);
    }
    if (what < 0.35 && broken.size > 0) {
      const id = pick([...broken.keys()]);
      broken.delete(id);
      uneven.add(id);
      return program.mend(id);
    }
    if (what >= 0.5 || sound.length <= 3) return program.type(pick(sound), word);
    const id = pick(sound);
    const fault = pick(FAULTS);
    broken.set(id, fault.found);
    await fault.make(program, own, id, word);
  }

  for (let round = 1; round <= ROUNDS; round += 1) {
    for (let each = 1; each <= WRITES; each += 1) await write(`w${round}x${each}`);
    const before = await bytesOf();
    const report = await soak();
    // Which of two sides missed a write cannot be told then: that they differ can.
    const found = Object.entries(await recordedDrift(own)).map(([id, kind]) =>
      uneven.has(id) && kind === 'content' ? [id, 'stale'] : [id, kind],
    );
    for (const id of uneven) if (!broken.has(id)) uneven.delete(id);
    expect(Object.fromEntries(found), `round ${round}`).toEqual(Object.fromEntries([...broken].sort()));
    expect(report.verdict, `round ${round}`).toBe(broken.size > 0 ? 'fail' : 'pass');
    expect(await bytesOf(), 'dualpath wrote a state').toEqual(before);
  }
  for (const id of broken.keys()) await program.mend(id);
  for (const id of ids) await program.type(id, 'last');
  expect((await soak()).verdict).toBe('pass');
  expect(await controlling(own, (controller) => controller.flip('everyone', {}))).toMatchObject({
    cohorts: [{ stage: 'baking', authority: 'local-first', documents: { drift: 0, proven: ids.length } }],
  });
}, 240_000);
