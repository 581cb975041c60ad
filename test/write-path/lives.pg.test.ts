import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { setAuthority } from '../../src/rollout/authority.ts';
import type { Calls, Death } from '../support/editor-server.ts';
import { randomFrom } from '../support/random.ts';
import { noteFigures } from '../support/writers/figures.ts';
import { judgeOne } from '../support/writers/judge.ts';
import { Ledger } from '../support/writers/ledger.ts';
import type { AskedServer } from '../support/writers/world.ts';
import { type Naming, writersOf } from '../support/writers/writers.ts';
import { type OpenStore, openStore } from './store.ts';

/**
 * Lives of documents that many write at once, stale, offline, in two tabs, from a backup: the writers of `two-servers` in
 * turn and in one process, so that a seed always ends alike and a hundred are played while two servers play one. The
 * first ones are played here; `DUALPATH_SEED` plays others, `DUALPATH_LIVES` more.
 */
const FIRST = Number(process.env.DUALPATH_SEED ?? 1);
const LIVES = Number(process.env.DUALPATH_LIVES ?? 4);
const TURNS = 120;

let store: OpenStore;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.documents.close());

/** An answer that is lost is asked for again; a call that never reached the server is as though it was never made. */
const server = (name: string): AskedServer => ({
  name,
  async ask(call, input, death?: Death) {
    if (death === 'answer') await answer(call, input);
    return answer(call, input);
  },
});

async function answer<C extends keyof Calls>(call: C, input: Calls[C]['input']) {
  try {
    const { documents } = store;
    return { done: (await documents[call](input as never)) as Calls[C]['result'] };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    if (code === undefined) throw error;
    return { failed: { code, message } };
  }
}

/** A flip, a rollback and another flip, a quarter of the turns each. */
const AUTHORITIES = ['legacy', 'local-first', 'legacy', 'local-first'] as const;

async function live(seed: number, naming: Naming) {
  const random = randomFrom(seed);
  const id = `life-${seed}, ${naming}`;
  const ledger = new Ledger('1');
  const words = (count: number) => Array.from({ length: count }, () => ledger.word());
  const texts = [words(5), words(4), words(6)];
  ledger.acknowledge([{ written: texts.flat(), deleted: [] }]);
  await store.insert(id, ...texts.map((text) => text.join(' ')));
  const opened = { id, owner: 'u-1', ledger, isCalm: () => false };
  const writers = writersOf(opened, seed * 100, server('fresh'), server('stale'), naming);
  for (const authority of AUTHORITIES) {
    await inTransaction(store.pool, (tx) => setAuthority(tx, [id], authority));
    ledger.note(`--- authority ${authority}`);
    for (let turn = 0; turn < TURNS / AUTHORITIES.length; turn += 1)
      await writers[Math.floor(random() * writers.length)]?.turn();
  }
  for (let round = 0; round < 3; round += 1) for (const writer of writers) await writer.finish();
  return judgeOne(store.pool, { id, ledger });
}

describe.each<Naming>(['bases named', 'state vectors named', 'nothing named'])(
  'a document that many write, %s',
  (naming) => {
    const seeds = Array.from({ length: LIVES }, (_, index) => FIRST + index);
    test.each(seeds)('loses and doubles no word (DUALPATH_SEED=%i)', async (seed) => {
      const counts = await live(seed, naming);
      noteFigures({ seed, naming, ...counts });
      const { lost, doubled, resurrected, alive } = counts;
      expect({ lost, doubled, resurrected }).toEqual({ lost: [], doubled: [], resurrected: [] });
      expect(alive).toBeGreaterThan(0);
    });
  },
);
