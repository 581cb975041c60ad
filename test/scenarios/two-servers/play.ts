import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paragraphs } from '../../support/device.ts';
import { type EditorServer, openEditorServer } from '../../support/editor-server.ts';
import { randomFrom } from '../../support/random.ts';
import { EVERYONE, openScenario, type Scenario } from '../../support/scenario.ts';
import { Ledger } from '../../support/writers/ledger.ts';
import type { World } from '../../support/writers/world.ts';
import { type Naming, type Writer, writersOf } from '../../support/writers/writers.ts';
import { judge, type Verdict } from './judge.ts';
import { openCommands, WAY } from './rollout.ts';

export interface Played extends Verdict {
  readonly seed: number;
  readonly serverDeaths: number;
  readonly commandKills: number;
}

/** Turns of all writers while one command runs, and when it has long been done. */
const FEWEST_TURNS = 15;
const MOST_TURNS = 45;
const AT_ONCE = 5;
const DOCUMENTS = 2;

/**
 * Plays one seed: two servers, one of which never learns that a flag changed, writers of both paths, and the rollout there,
 * back and there again; whoever can be killed is. What is random is drawn from the seed; who comes first is not.
 */
export async function play(seed: number, naming: Naming): Promise<Played> {
  const random = randomFrom(seed);
  const scenario = await openScenario({ documents: 1, cohorts: [EVERYONE] });
  const flags = join(scenario.rollout.directory, 'flags.json');
  const staleFlags = join(scenario.rollout.directory, 'flags-of-long-ago.json');
  for (const path of [flags, staleFlags]) writeFileSync(path, NO_FLAGS);
  const fresh = openEditorServer('fresh', scenario.rollout.config, flags);
  const stale = openEditorServer('stale', scenario.rollout.config, staleFlags);
  const servers = [fresh, stale];
  const calm = { now: false };
  const documents = await Promise.all(
    Array.from({ length: DOCUMENTS }, (_, index) => openDocument(scenario, index + 1)),
  );
  const writers = documents.flatMap((document, index) =>
    writersOf({ ...document, isCalm: () => calm.now }, seed * 100 + index * 20, fresh, stale, naming),
  );
  const commands = openCommands(scenario, randomFrom(seed + 0.5));
  try {
    for (const args of [null, ...WAY]) {
      for (const { ledger } of documents) ledger.note(`--- ${args?.[0] ?? 'before the rollout'}`);
      const who = () => writersNow(scenario, writers);
      await writeWhile(args === null ? null : commands.run(args), who, random, servers);
    }
    calm.now = true;
    for (let round = 0; round < 3; round += 1) for (const writer of writers) await writer.finish();
    const verdict = await judge(scenario, documents);
    return {
      ...verdict,
      seed,
      serverDeaths: fresh.deaths() + stale.deaths(),
      commandKills: commands.kills(),
    };
  } catch (error) {
    throw new Error(`seed ${seed}: ${String(error)}\n${tails(documents)}`, { cause: error });
  } finally {
    await Promise.all([commands, ...servers].map((one) => one.close()));
  }
}

/** Before the rollout, the application has a flag of its own. */
const NO_FLAGS = JSON.stringify({
  version: 2,
  features: [{ name: 'spell-checker', enabled: true, strategies: [] }],
});

const tails = (documents: readonly Pick<World, 'ledger'>[]): string =>
  documents.map(({ ledger }) => ledger.history.slice(-25).join('\n')).join('\n\n');

/**
 * Before a cohort starts the last writer wins, as it always did: then each document has one writer. The others come as soon
 * as both paths are live.
 */
async function writersNow({ database }: Scenario, writers: readonly Writer[]): Promise<readonly Writer[]> {
  const { rowCount } = await database.pool.query(`select from dualpath.cohorts where stage <> 'planned'`);
  return rowCount === 0 ? writers.filter(({ isFirst }) => isFirst) : writers;
}

/** Turns of the writers, several at once, until the command is done and for a while at least. */
async function writeWhile(
  command: Promise<void> | null,
  who: () => Promise<readonly Writer[]>,
  random: () => number,
  servers: readonly EditorServer[],
): Promise<void> {
  let running = command !== null;
  const done = command?.finally(() => {
    running = false;
  });
  // Thrown below, once the writers in hand have finished.
  done?.catch(() => undefined);
  for (let turns = 0; turns < FEWEST_TURNS || (running && turns < MOST_TURNS); turns += AT_ONCE) {
    const writers = await who();
    const chosen = new Set(
      Array.from({ length: AT_ONCE }, () => writers[Math.floor(random() * writers.length)]),
    );
    if (random() < 0.03) servers[Math.floor(random() * servers.length)]?.kill();
    await Promise.all([...chosen].map((writer) => writer?.turn()));
  }
  await done;
}

async function openDocument({ database }: Scenario, number: number) {
  const ledger = new Ledger(String(number));
  const words = (count: number) => Array.from({ length: count }, () => ledger.word()).join(' ');
  const texts = [words(5), words(4), words(6)];
  ledger.acknowledge([{ written: texts.flatMap((text) => text.split(' ')), deleted: [] }]);
  const owner = `u-${number}`;
  const { rows } = await database.pool.query<{ id: string }>(
    `insert into public.documents (owner_id, title, content) values ($1, $2, $3) returning id`,
    [owner, `document ${number}`, paragraphs(...texts)],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('A document could not be inserted.');
  return { id: row.id, owner, ledger };
}
