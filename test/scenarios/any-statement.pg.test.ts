import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Controller } from '../../src/controller.ts';
import {
  controlling,
  expectNothingDoubled,
  expectNothingLostOrDoubled,
  openScenario,
  randomFrom,
  type Scenario,
  SEED,
  save,
  saveBySql,
  stageOf,
} from '../support/scenario.ts';

interface Inner {
  readonly connection: { readonly stream: { destroy(): void } };
  readonly connectionParameters: { readonly application_name?: string };
}

/**
 * Lets all connections of the controllers in this process break around their n-th statement, as they do when a process is
 * killed: before it is sent, or when it is on its way and nobody will hear whether it was carried out.
 */
class Mortality {
  private left = Number.POSITIVE_INFINITY;
  private before = false;
  private readonly clients = new Set<pg.Client>();
  private readonly query = pg.Client.prototype.query;

  install(): void {
    const { query } = this;
    const count = (client: pg.Client): void => this.count(client);
    const after = (): void => this.after();
    pg.Client.prototype.query = function mortal(this: pg.Client, ...parameters: unknown[]) {
      const { application_name: name } = (this as unknown as Inner).connectionParameters;
      // The test's own pool has another name.
      if (!name?.startsWith('dualpath ')) return (query as Any).apply(this, parameters);
      count(this);
      const sent = (query as Any).apply(this, parameters);
      after();
      return sent;
    } as typeof query;
  }

  remove(): void {
    pg.Client.prototype.query = this.query;
  }

  /** Gives whether it died of it: else the work had fewer statements. */
  async dyingAt(statement: number, before: boolean, work: () => Promise<unknown>): Promise<boolean> {
    this.left = statement;
    this.before = before;
    try {
      await work();
      return false;
    } catch {
      return true;
    } finally {
      this.left = Number.POSITIVE_INFINITY;
      this.clients.clear();
    }
  }

  private count(client: pg.Client): void {
    this.clients.add(client);
    this.left -= 1;
    if (this.left <= 0 && this.before) this.die();
  }

  private after(): void {
    if (this.left <= 0) setImmediate(() => this.die());
  }

  private die(): void {
    for (const client of this.clients) (client as unknown as Inner).connection.stream.destroy();
  }
}
type Any = (...parameters: unknown[]) => unknown;

/** More than a command has, so that some of them die of nothing. */
const STATEMENTS = 150;
const CYCLES = 5;

describe(`a controller that dies around any one of its statements (DUALPATH_SEED=${SEED})`, () => {
  const random = randomFrom(SEED);
  const mortality = new Mortality();
  let scenario: Scenario;
  let deaths = 0;

  beforeAll(async () => {
    mortality.install();
    scenario = await openScenario({ documents: 12 });
  });
  afterAll(() => mortality.remove());

  /** Dies at it, and does it once more; its lease would have run out by then. */
  async function dyingThenDoing(
    what: string,
    work: (controller: Controller) => Promise<unknown>,
  ): Promise<void> {
    const statement = 1 + Math.floor(random() * STATEMENTS);
    const before = random() < 0.5;
    const died = await mortality.dyingAt(statement, before, () => controlling(scenario, work));
    if (died) deaths += 1;
    const { pool } = scenario.database;
    await expectNothingDoubled(pool);
    await saveBySql(pool, `betweendeathandlife${statement}`);
    await pool.query(`update dualpath.cohorts set lease_until = null`);
    await controlling(scenario, work).catch((error: unknown) => {
      const when = `${what} ${died ? 'died' : 'did not die'} ${before ? 'before' : 'after'} statement ${statement}`;
      throw new Error(`${when}, and then failed`, { cause: error });
    });
  }

  it.each(Array.from({ length: CYCLES }, (_, index) => index + 1))(
    'and then does the same, around the whole rollout (%s)',
    async () => {
      await dyingThenDoing('start', (controller) => controller.start('everyone'));
      expect(await stageOf(scenario)).toBe('soaking');
      await save(scenario, 'anobservation');
      await dyingThenDoing('soak', (controller) => controller.soak([]));
      await dyingThenDoing('flip', (controller) => controller.flip('everyone'));
      expect(await stageOf(scenario)).toBe('baking');
      await dyingThenDoing('rollback', (controller) => controller.rollback(['everyone']));
      expect(await stageOf(scenario)).toBe('rolled-back');
      await controlling(scenario, (controller) =>
        controller.verify([], { scope: 'changed', repair: false, limit: 10 }),
      );
      await expectNothingLostOrDoubled(scenario);
    },
  );

  it('and then completes', async () => {
    await controlling(scenario, async (controller) => {
      await controller.start('everyone');
      await save(scenario, 'anobservation');
      await controller.soak([]);
      await controller.flip('everyone');
      await save(scenario, 'anotherobservation');
      await controller.soak([]);
    });
    await dyingThenDoing('complete', (controller) => controller.complete('everyone'));
    expect(await stageOf(scenario)).toBe('completed');
  });

  it('did die, most of the time', () => {
    expect(deaths).toBeGreaterThan(CYCLES);
  });
});
