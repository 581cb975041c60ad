import { randomBytes } from 'node:crypto';
import type { Queryable } from '../postgres/queryable.ts';

/**
 * Notes a new word of a document as typed, before anybody is sent it: whatever becomes of its server, somebody has to
 * account for it. As long for everybody: no word may be a part of another.
 */
export async function typeWord(db: Queryable, document: string): Promise<string> {
  const word = `w${randomBytes(8).toString('hex')}`;
  await db.query(`insert into public.written_words (word, document_id) values ($1::text, $2::uuid)`, [
    word,
    document,
  ]);
  return word;
}

/** The server said that it has them. From now on they must stand in the document, once. */
export async function acknowledgeWords(db: Queryable, words: readonly string[]): Promise<void> {
  if (words.length === 0) return;
  await db.query(
    `update public.written_words set acknowledged_at = clock_timestamp()
      where word = any($1::text[]) and acknowledged_at is null`,
    [words],
  );
}
