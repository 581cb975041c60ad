import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paragraphs } from '../../support/device.ts';
import { type EditorServer, openEditorServer } from '../../support/editor-server.ts';
import { randomFrom } from '../../support/random.ts';
import { EVERYONE, openScenario, type Scenario } from '../../support/scenario.ts';
import { judge, type Verdict } from './judge.ts';
import { Ledger } from './ledger.ts';
import { type LegacyKind, LegacyTab } from './legacy-tab.ts';
import { Phone, type PhoneHabits } from './phone.ts';
import { openCommands, WAY } from './rollout.ts';
import { Student } from './student.ts';
import type { World } from './world.ts';

export interface Played extends Verdict {
  readonly seed: number;
  readonly serverDeaths: number;
  readonly commandKills: number;
}

/** Somebody who writes a document. */
interface Writer {
  /** It writes before the rollout, alone. */
  readonly isFirst?: boolean;
  turn(): Promise<void>;
  finish(): Promise<void>;
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
export async function play(seed: number): Promise<Played> {
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
    writersOf({ ...document, isCalm: () => calm.now }, seed * 100 + index * 20, fresh, stale),
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

type Opened = Pick<World, 'id' | 'owner' | 'ledger' | 'isCalm'>;

const KINDS: readonly LegacyKind[] = ['learns', 'never-learns', 'served'];

/** Those who write one document: two legacy tabs, two phones, one with a second tab, and a student who goes by the flags. */
function writersOf(
  opened: Opened,
  seed: number,
  fresh: EditorServer,
  stale: EditorServer,
): readonly Writer[] {
  const of = (index: number, own: EditorServer, other: EditorServer): World => ({
    ...opened,
    random: randomFrom(seed + index),
    servers: [own, other],
  });
  const old = of(1, stale, fresh);
  const desk = of(2, stale, fresh);
  const one = of(3, fresh, stale);
  const two = of(4, fresh, stale);
  const three = of(5, fresh, stale);
  const kind = (world: World) => KINDS[Math.floor(world.random() * KINDS.length)] ?? 'learns';
  return [
    { ...tabWriter(new LegacyTab(old, 'old-desk', 'learns')), isFirst: true },
    tabWriter(new LegacyTab(desk, 'desk', kind(desk))),
    phoneWriter(new Phone(one, 'phone', habitsOf(one))),
    phoneWriter(new Phone(two, 'tablet', habitsOf(two))),
    new Student(
      three,
      new LegacyTab(three, 'student', kind(three)),
      new Phone(three, 'student', habitsOf(three)),
    ),
  ];
}

/**
 * As the library asks of clients: who pulls before it pushes names its sessions and sends its queue, and so does who has
 * two tabs.
 */
function habitsOf({ random }: World): PhoneHabits {
  const coin = () => random() < 0.5;
  const pullsFirst = random() < 0.3;
  const namesSessions = pullsFirst || random() < 0.75;
  return {
    namesSessions,
    sends: pullsFirst || coin() ? 'queue' : 'difference',
    piecewise: coin(),
    pullsFirst,
  };
}

const tabWriter = (tab: LegacyTab): Writer => ({ turn: () => tab.turn(), finish: () => tab.save() });

/** A device on which a second tab is opened now and then, and stays open. */
function phoneWriter(phone: Phone): Writer {
  const tabs = [phone];
  return {
    async turn() {
      if (phone.isOpened && phone.namesSessions && tabs.length < 2 && phone.draw() < 0.05)
        tabs.push(phone.twin());
      for (const tab of tabs) if (tabs.length === 1 || phone.draw() < 0.6) await tab.turn();
    },
    async finish() {
      for (const tab of tabs) if (tab.isOpened) await tab.sync();
    },
  };
}
