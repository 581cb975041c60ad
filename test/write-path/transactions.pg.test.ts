import { CompiledQuery, Kysely, PostgresDialect, type Transaction } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { DualpathError } from '../../src/index.ts';
import { inTransaction } from '../../src/postgres/transaction.ts';
import { Device, paragraphs } from '../support/device.ts';
import { type OpenStore, openStore } from './store.ts';

let store: OpenStore;
beforeEach(async () => {
  store = await openStore();
});

const caught = async (work: Promise<unknown>): Promise<DualpathError> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DualpathError)) throw new Error(`no DualpathError but ${String(error)}`);
  return error;
};

describe("in the caller's transaction", () => {
  test('a save commits and rolls back with what the application writes beside it', async () => {
    await store.insert('a', 'one');
    const attempt = (fails: boolean) =>
      inTransaction(store.pool, async (tx) => {
        await tx.query('update documents set views = views + 1 where id = $1', ['a']);
        await store.documents.save({ id: 'a', content: paragraphs('one two'), baseRevision: 1 }, { tx });
        if (fails) throw new Error('the application changed its mind');
      });
    await expect(attempt(true)).rejects.toThrow('changed its mind');
    expect(await store.texts('a').catch(() => 'unseeded')).toBe('unseeded');
    expect(await store.sql('select views, content from documents')).toEqual([
      { views: 0, content: paragraphs('one') },
    ]);
    await attempt(false);
    expect(await store.texts('a')).toEqual(['one two']);
    expect(await store.sql('select views from documents')).toEqual([{ views: 1 }]);
  });

  test('a load sees what the same transaction saved, and a push joins it, too', async () => {
    await store.insert('a', 'one');
    const device = await Device.open(store.documents, 'a', 'phone');
    device.append('pushed');
    const update = device.takeUnsent();
    await inTransaction(store.pool, async (tx) => {
      await store.documents.save({ id: 'a', content: paragraphs('one saved'), baseRevision: 1 }, { tx });
      await store.documents.push({ id: 'a', deviceId: 'phone', session: 's', seq: 1, update }, { tx });
      const { content } = await store.documents.load({ id: 'a' }, { tx });
      expect(content).toEqual(paragraphs('one saved', 'pushed'));
      const outside = await store.documents.load({ id: 'a' });
      expect(outside.content).toEqual(paragraphs('one'));
    });
    expect(await store.texts('a')).toEqual(['one saved', 'pushed']);
  });

  test("its lock_timeout is the caller's again when a call ends", async () => {
    await store.insert('a', 'one');
    await inTransaction(
      store.pool,
      async (tx) => {
        await store.documents.save({ id: 'a', content: paragraphs('two') }, { tx });
        expect((await tx.query('show lock_timeout')).rows).toEqual([{ lock_timeout: '1234ms' }]);
      },
      { lockTimeoutMs: 1234 },
    );
  });

  test('a plain write of the application after a save of its own is still captured', async () => {
    await store.insert('a', 'one');
    await inTransaction(store.pool, async (tx) => {
      await store.documents.save({ id: 'a', content: paragraphs('one two'), baseRevision: 1 }, { tx });
      await tx.query('update documents set content = $1, revision = revision + 1', [
        paragraphs('one two plain'),
      ]);
    });
    const { content } = await store.documents.load({ id: 'a' });
    await store.documents.pull({ id: 'a', deviceId: 'phone' });
    expect(content).toEqual(paragraphs('one two plain'));
    expect(await store.texts('a')).toEqual(['one two plain']);
  });

  test('twenty savers, half of them in transactions that go on, take turns without a deadlock', async () => {
    await store.insert('a', 'one');
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const save = { id: 'a', content: paragraphs('one', `word${n}`), baseRevision: 1 };
        if (n % 2 === 0) return store.documents.save(save);
        return inTransaction(store.pool, async (tx) => {
          const saved = await store.documents.save(save, { tx });
          await tx.query('update documents set views = views + 1 where id = $1', ['a']);
          return saved;
        });
      }),
    );
    const texts = (await store.texts('a')).join(' ');
    for (let n = 0; n < 20; n += 1) expect(texts.match(new RegExp(`word${n}\\b`, 'g'))).toHaveLength(1);
    expect(new Set(outcomes.map(({ revision }) => revision)).size).toBe(20);
    expect(await store.sql('select views from documents')).toEqual([{ views: 10 }]);
  });
});

describe('when somebody keeps the document locked', () => {
  test('a save gives up with a code and says that it can be tried again', async () => {
    await store.insert('a', 'one');
    await inTransaction(store.pool, async (tx) => {
      await tx.query('select from documents for update');
      const error = await caught(store.documents.save({ id: 'a', content: paragraphs('two') }));
      expect(error).toMatchObject({ code: 'locked', retryable: true });
    });
    expect((await store.documents.save({ id: 'a', content: paragraphs('one two') })).outcome).toBe('saved');
  });
});

describe('a connection that is lost in the middle', () => {
  /** The next write of the legacy table ends its own session, once. */
  beforeEach(async () => {
    await store.insert('a', 'one');
    await store.documents.pull({ id: 'a', deviceId: 'phone' });
    await store.sql('create sequence lost');
    await store.sql(`create function lose() returns trigger language plpgsql as $$ begin
      if nextval('lost') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if; return new; end $$`);
    await store.sql('create trigger lose before update on documents for each row execute function lose()');
  });

  test('is tried again for a save that names itself, which is then there once', async () => {
    const saved = await store.documents.save({
      id: 'a',
      content: paragraphs('one two'),
      baseRevision: 1,
      saveId: 'once',
    });
    expect(saved).toMatchObject({ outcome: 'saved', revision: 2 });
    expect(await store.texts('a')).toEqual(['one two']);
  });

  test('is left to the caller for a save that does not, and nothing was half written', async () => {
    const error = await caught(
      store.documents.save({ id: 'a', content: paragraphs('one two'), baseRevision: 1 }),
    );
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    expect(await store.texts('a')).toEqual(['one']);
  });

  test('is tried again for a push, which is then there once', async () => {
    const device = await Device.open(store.documents, 'a', 'phone');
    device.append('two');
    expect((await device.push()).outcome).toBe('applied');
    expect(await store.texts('a')).toEqual(['one', 'two']);
  });
});

describe("in the transaction of an application's ORM", () => {
  test('a save commits and rolls back with what Kysely writes beside it', async () => {
    await store.insert('a', 'one');
    const orm = new Kysely<{ documents: { id: string; views: number } }>({
      dialect: new PostgresDialect({ pool: store.pool }),
    });
    const attempt = (fails: boolean) =>
      orm.transaction().execute(async (trx) => {
        await trx.updateTable('documents').set({ views: 7 }).where('id', '=', 'a').execute();
        const tx = joinedTo(trx);
        await store.documents.save({ id: 'a', content: paragraphs('one two'), baseRevision: 1 }, { tx });
        if (fails) throw new Error('the application changed its mind');
      });
    await expect(attempt(true)).rejects.toThrow('changed its mind');
    expect(await store.sql('select views, content from documents')).toEqual([
      { views: 0, content: paragraphs('one') },
    ]);
    await attempt(false);
    expect(await store.texts('a')).toEqual(['one two']);
    expect(await store.sql('select views from documents')).toEqual([{ views: 7 }]);
  });
});

/** As the README has it. */
const joinedTo = <T>(trx: Transaction<T>) => ({
  query: async <R extends object>(text: string, values: readonly unknown[] = []) => {
    const { rows } = await trx.executeQuery(CompiledQuery.raw(text, [...values]));
    return { rows: rows as R[], rowCount: rows.length };
  },
});
