import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';

interface Node {
  type: string;
  text?: string;
  content?: Node[];
}

export interface Students {
  /** How many saves they have made so far. */
  saves(): number;
  /** Sends them home once the saves in hand are done; throws what went wrong with any of them. */
  stop(): Promise<void>;
}

/**
 * Students who write all the while, the way the old editor does it: read the whole document, add a word, write the
 * whole document back by plain SQL. Each word is unique and noted in `written_words` in the transaction of its save,
 * so that afterwards the database itself can be asked which words are missing and which stand twice.
 */
export function startStudents(
  pool: Pool,
  options: { readonly writers: number; readonly pauseMs: number },
): Students {
  let going = true;
  let saves = 0;
  const write = async (): Promise<void> => {
    while (going) {
      if (await saveOnce(pool, `w${(saves + 1).toString(36)}x${randomWord()}`)) saves += 1;
      await new Promise((resolve) => setTimeout(resolve, options.pauseMs));
    }
  };
  const writers = Array.from({ length: options.writers }, write);
  return {
    saves: () => saves,
    async stop() {
      going = false;
      await Promise.all(writers);
    },
  };
}

const randomWord = (): string => Math.random().toString(36).slice(2, 8);

/**
 * One save, of any document alike: the subquery draws once, where a bare call would draw anew for each row and find nearly
 * always one of the first few. The row is locked between its read and its write: a lost word must be ours, not two
 * students' race.
 */
async function saveOnce(pool: Pool, word: string): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ id: string; content: Node }>(
      `select id, content from public.documents
        where deleted_at is null and id >= (select gen_random_uuid())
        order by id limit 1 for update`,
    );
    const document = rows[0];
    if (!document) return false;
    addWord(document.content, word);
    await tx.query(
      `update public.documents set content = $2::jsonb, revision = revision + 1, updated_at = now()
        where id = $1::uuid`,
      [document.id, JSON.stringify(document.content)],
    );
    await tx.query(`insert into public.written_words (word, document_id) values ($1::text, $2::uuid)`, [
      word,
      document.id,
    ]);
    return true;
  });
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
