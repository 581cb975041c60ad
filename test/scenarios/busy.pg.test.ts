import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Controller } from '../../src/controller.ts';
import { type DocumentStore, openDocumentStore } from '../../src/index.ts';
import type { Pool } from '../../src/postgres/pool.ts';
import {
  controlling,
  expectNothingLostOrDoubled,
  openScenario,
  randomFrom,
  type Scenario,
  SEED,
  stageOf,
  untilRow,
  withParagraph,
} from '../support/scenario.ts';

/**
 * Students who go on saving whatever the rollout does, a word of its own in each save, and the whole document: half of
 * them through dualpath, half by a program that knows nothing of it.
 */
class Students {
  readonly words: string[] = [];
  private readonly pool: Pool;
  private readonly documents: DocumentStore;
  private readonly random: () => number;
  private readonly working: Promise<void>;
  private stopped = false;
  private share = 0.5;

  constructor(pool: Pool, documents: DocumentStore, random: () => number) {
    this.pool = pool;
    this.documents = documents;
    this.random = random;
    this.working = this.work();
  }

  /** From here on all of them are written past dualpath: a completed cohort's saves no longer reach the legacy row. */
  onlyWrite(): void {
    this.share = 0;
  }

  /** However fast the rollout was: they have saved enough to tell of it. */
  async stop(): Promise<void> {
    while (this.words.length <= ENOUGH) await Promise.race([this.working, sleep(20)]);
    this.stopped = true;
    await this.working;
  }

  private async work(): Promise<void> {
    while (!this.stopped) {
      const word = `typed${this.words.length}x`;
      // Some documents are written again and again, as when a class works on one text.
      const nth = Math.floor(this.random() ** 3 * DOCUMENTS);
      await (this.random() < this.share ? this.save(word, nth) : this.write(word, nth));
      this.words.push(word);
      await sleep(5 + this.random() * 30);
    }
  }

  private async save(word: string, nth: number): Promise<void> {
    const { rows } = await this.pool.query<{ id: string }>(
      `select id::text as id from public.documents order by id offset $1::int limit 1`,
      [nth],
    );
    const id = rows[0]?.id ?? '';
    const { content, revision } = await this.documents.load({ id });
    await this.documents.save({
      id,
      content: withParagraph(content, word),
      baseRevision: revision ?? undefined,
    });
  }

  private async write(word: string, nth: number): Promise<void> {
    const { rowCount } = await this.pool.query(
      `update public.documents
          set content = jsonb_insert(content, '{content,0}', jsonb_build_object('type', 'paragraph', 'content',
                jsonb_build_array(jsonb_build_object('type', 'text', 'text', $1::text)))),
              revision = revision + 1, updated_at = now()
        where id = (select id from public.documents order by id offset $2::int limit 1)`,
      [word, nth],
    );
    expect(rowCount).toBe(1);
  }
}

const DOCUMENTS = 40;

const ENOUGH = 50;

const SAVED_WHILE_BAKING = `select from dualpath.receipts r join dualpath.cohorts c on c.name = r.cohort
  where c.stage = 'baking' and r.agrees and r.at >= c.window_since`;

describe(`a rollout while students save all the time (DUALPATH_SEED=${SEED})`, () => {
  let scenario: Scenario;
  let students: Students;

  beforeAll(async () => {
    scenario = await openScenario({ documents: DOCUMENTS });
    const { pool } = scenario.database;
    const documents = await openDocumentStore({ config: scenario.rollout.config, pool });
    students = new Students(pool, documents, randomFrom(SEED));
  });
  afterAll(() => students?.stop());

  const doing = (work: (controller: Controller) => Promise<unknown>) => controlling(scenario, work);
  /** Rounds until the gates let the cohort go: a document that is written at that moment may hold one up. */
  const soaking = (work: (controller: Controller) => Promise<{ outcome: string }>) =>
    doing(async (controller) => {
      for (let rounds = 0; rounds < 20; rounds += 1) {
        await controller.soak([]);
        const { outcome } = await work(controller);
        if (outcome === 'moved') return;
      }
      throw new Error('no round let it go');
    });

  it('starts, flips, rolls back, starts again, flips and completes', async () => {
    await doing((controller) => controller.start('everyone'));
    await soaking((controller) => controller.flip('everyone'));
    expect(await stageOf(scenario)).toBe('baking');
    await doing((controller) => controller.rollback(['everyone']));
    expect(await stageOf(scenario)).toBe('rolled-back');
    await doing((controller) => controller.start('everyone'));
    await soaking((controller) => controller.flip('everyone'));
    await untilRow(scenario.database.pool, SAVED_WHILE_BAKING);
    students.onlyWrite();
    await soaking((controller) => controller.complete('everyone'));
    expect(await stageOf(scenario)).toBe('completed');
  });

  it('has every word that was saved exactly once, in both stores', async () => {
    await students.stop();
    await doing((controller) => controller.soak([]));
    const { rows } = await scenario.database.pool.query<{ content: string }>(
      'select content::text as content from public.documents',
    );
    const all = rows.map(({ content }) => content).join('\n');
    const times = (word: string): number => all.split(`"${word}"`).length - 1;
    expect(students.words.filter((word) => times(word) !== 1)).toEqual([]);
    expect(students.words.length).toBeGreaterThan(ENOUGH);
    await expectNothingLostOrDoubled(scenario);
  });
});
