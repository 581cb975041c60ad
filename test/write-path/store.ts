import { expect } from 'vitest';
import { type DocumentStore, openDocumentStore } from '../../src/index.ts';
import { configObject, openTables, PLAIN, type Tables, type TablesOptions } from '../documents/tables.ts';
import { paragraphs } from '../support/device.ts';
import { textOf } from './state.ts';

/** An application's tables, and the document store of its server. */
export interface OpenStore extends Tables {
  readonly documents: DocumentStore;
  insert(id: string, ...texts: readonly string[]): Promise<void>;
  sql(text: string, ...values: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** A plain write, as by a program that knows nothing of dualpath. */
  write(id: string, ...texts: readonly string[]): Promise<void>;
  /** The paragraphs of the legacy row; those of the state, which must be the same, are checked. */
  texts(id: string): Promise<readonly string[]>;
}

export async function openStore(options: TablesOptions = {}, ddl: string = PLAIN): Promise<OpenStore> {
  const tables = await openTables(ddl, options);
  const { pool, stores } = tables;
  const documents = await openDocumentStore({ config: configObject(options), pool });
  const sql = async (text: string, ...values: readonly unknown[]) =>
    (await pool.query(text, [...values])).rows;
  return {
    ...tables,
    documents,
    sql,
    insert: async (id, ...texts) => {
      await sql(
        'insert into documents (id, owner_id, content) values ($1, $2, $3)',
        id,
        'u-1',
        paragraphs(...texts),
      );
    },
    write: async (id, ...texts) => {
      await sql(
        'update documents set content = $2, revision = revision + 1 where id = $1',
        id,
        paragraphs(...texts),
      );
    },
    texts: async (id) => {
      const [row] = await sql('select content from documents where id = $1', id);
      const texts = textsIn(row?.content);
      expect(await textOf(pool, stores, id)).toBe(texts.join(''));
      return texts;
    },
  };
}

interface Node {
  readonly content?: readonly { readonly content?: readonly { readonly text?: string }[] }[];
}

const textsIn = (content: unknown): readonly string[] =>
  ((content as Node | undefined)?.content ?? []).map((block) =>
    (block.content ?? []).map(({ text }) => text ?? '').join(''),
  );
