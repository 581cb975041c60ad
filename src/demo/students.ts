import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { cohortSql } from '../documents/membership.ts';
import type { Stores } from '../documents/stores.ts';
import type { DocumentStore } from '../index.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';

interface Node {
  type: string;
  text?: string;
  content?: Node[];
}

export interface Students {
  /** Aborts when a save failed: then the demo shows nothing any more. */
  readonly trouble: AbortSignal;
  /** Sends them home once the saves in hand are done; throws what went wrong with any of them. */
  stop(): Promise<void>;
}

/** Human beings pause between two saves. Milliseconds. */
const PAUSE_MS = 100;

/**
 * A student in each cohort who writes all the while, the way the old editor does it: read the whole document, add a
 * word, save the whole document, which the editor's server does through dualpath. Each word is unique and noted in
 * `written_words` in the transaction of its save, so that afterwards the database itself can be asked which words are
 * missing and which stand twice.
 */
export async function startStudents(
  pool: Pool,
  stores: Stores,
  documentStore: DocumentStore,
): Promise<Students> {
  const classes = await documentsByCohort(pool, stores);
  const end = new AbortController();
  const trouble = new AbortController();
  const write = async (documents: readonly string[]): Promise<void> => {
    while (!end.signal.aborted) {
      await saveOnce(pool, documentStore, pick(documents));
      await sleep(PAUSE_MS, undefined, { signal: end.signal }).catch(() => undefined);
    }
  };
  const writers = classes.map((documents) => write(documents).catch((error) => trouble.abort(error)));
  return {
    trouble: trouble.signal,
    async stop() {
      end.abort();
      await Promise.all(writers);
      trouble.signal.throwIfAborted();
    },
  };
}

/** Documents of each cohort that has any. Nobody changes hands during the demo. */
async function documentsByCohort(db: Queryable, stores: Stores): Promise<readonly (readonly string[])[]> {
  const { rows } = await db.query<{ ids: string[] }>(
    `select array_agg(id::text) as ids
       from (select d.id, ${cohortSql(stores, 'd.owner_id')} as live from public.documents d) each
      where live is not null group by live`,
  );
  return rows.map(({ ids }) => ids);
}

/** One save. The row is locked between its read and its write: a lost word must be ours, not two students' race. */
async function saveOnce(pool: Pool, documents: DocumentStore, id: string): Promise<void> {
  // As long for every student: no word may be a part of another.
  const word = `w${randomBytes(8).toString('hex')}`;
  await inTransaction(pool, async (tx) => {
    await tx.query(`select from public.documents where id = $1::uuid for update`, [id]);
    const { content, revision } = await documents.load({ id }, { tx });
    addWord(content as Node, word);
    await documents.save({ id, content, baseRevision: revision ?? undefined }, { tx });
    await tx.query(`insert into public.written_words (word, document_id) values ($1::text, $2::uuid)`, [
      word,
      id,
    ]);
  });
}

function pick(documents: readonly string[]): string {
  const id = documents[Math.floor(Math.random() * documents.length)];
  if (id === undefined) throw new Error('a student without a document');
  return id;
}

/** At the end of the first text there is; a document without any gets a paragraph. */
function addWord(document: Node, word: string): void {
  const text = firstText(document);
  if (text) text.text = `${text.text} ${word}`;
  else
    document.content = [
      { type: 'paragraph', content: [{ type: 'text', text: word }] },
      ...(document.content ?? []),
    ];
}

function firstText(node: Node): Node | null {
  if (node.type === 'text' && node.text) return node;
  for (const child of node.content ?? []) {
    const found = firstText(child);
    if (found) return found;
  }
  return null;
}
