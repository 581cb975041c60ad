import { beforeEach, describe, expect, test } from 'vitest';
import { decodedText } from '../write-path/state.ts';
import { type OpenStore, openStore } from '../write-path/store.ts';
import { Writer } from './live.ts';
import { startExample, startStock } from './server-process.ts';

let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
  await store.insert('a', 'one');
});

/** A document of the stock server that holds the same. */
async function fillStock(): Promise<void> {
  const { update } = await store.documents.pull({ id: 'a', deviceId: 'test' });
  await store.sql('create table stock (name text primary key, state bytea)');
  await store.sql(`insert into stock values ('a', $1)`, Buffer.from(update));
}

const stockText = async () => decodedText((await store.sql('select state from stock'))[0]?.state as Buffer);

describe('a server killed right after it acknowledged', () => {
  test('has lost what was typed if it is stock Hocuspocus, and nothing with dualpath', async () => {
    await fillStock();
    const stock = await startStock(store.database.url);
    const ours = await startExample(store.database.url);
    const atStock = await Writer.open(stock.url, 'a', 'ann');
    const atOurs = await Writer.open(ours.url, 'a', 'ann');
    for (const [writer, server] of [
      [atStock, stock],
      [atOurs, ours],
    ] as const) {
      writer.type(0, 3, ' acknowledged');
      await writer.acknowledged();
      await server.kill();
    }
    expect(await stockText()).toBe('one');
    expect(await store.texts('a')).toEqual(['one acknowledged']);
  });

  test('in the midst of typing holds every letter that it acknowledged, and the rest comes once to the next server', async () => {
    const letters = 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz';
    const ours = await startExample(store.database.url);
    const ann = await Writer.open(ours.url, 'a', 'ann');
    const acknowledged = (typed: number) => typed - ann.provider.unsyncedChanges;
    for (const [index, letter] of [...letters].entries()) ann.type(0, 3 + index, letter);
    await expect.poll(() => acknowledged(letters.length), { interval: 1 }).toBeGreaterThan(0);
    const held = acknowledged(letters.length);
    await ours.kill();
    const [text = ''] = await store.texts('a');
    expect(`one${letters}`.startsWith(text)).toBe(true);
    expect(text.length - 3).toBeGreaterThanOrEqual(held);
    await startExample(store.database.url, ours.port);
    await ann.acknowledged();
    expect(await store.texts('a')).toEqual([`one${letters}`]);
  });
});

describe('examples/hocuspocus/server.js', () => {
  test('takes what is on its way when it is told to stop, and ends by itself', async () => {
    const server = await startExample(store.database.url);
    const ann = await Writer.open(server.url, 'a', 'ann');
    ann.type(0, 3, ' two');
    await ann.acknowledged();
    expect(await server.stop()).toBe(0);
    expect(await store.texts('a')).toEqual(['one two']);
  });
});
