import pLimit from 'p-limit';
import { CHUNK, PAGE, pagesOf } from '../core/chunks.ts';
import { assertFence, type Fence } from '../documents/fence.ts';
import type { Stores } from '../documents/stores.ts';
import type { Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { addToChunk, type Chunk, countChunks, openChunks, unseededIn } from './ledger.ts';
import type { Governor } from './load.ts';
import { copyPage } from './page.ts';
import { throttled, whileHeld } from './throttled.ts';

/** What all lanes of a backfill share. */
export interface Work {
  readonly pool: Pool;
  readonly stores: Stores;
  readonly fence: Fence;
  readonly signal: AbortSignal;
  readonly governor: Governor;
  readonly concurrency: number;
  /** Called after each page. */
  readonly onPage: () => Promise<void>;
}

/** What a chunk, or all chunks of a run, came to; `left` are documents whose rows somebody keeps locked. */
interface Copied {
  readonly copied: number;
  readonly left: number;
}

interface Page {
  readonly ids: readonly string[];
  readonly last: boolean;
}

/** Enough to keep all lanes busy, few enough that a ledger of any length is read in constant memory. */
const CHUNKS_AT_ONCE = 64;

/**
 * Copies every open chunk of a run, each by one lane. The first failure stops all lanes between two pages and is thrown
 * when the last has stopped, so that nothing is written after the caller has heard of it.
 */
export async function copyRun(work: Work, run: number): Promise<Copied> {
  const stop = new AbortController();
  const inner = { ...work, signal: AbortSignal.any([work.signal, stop.signal]) };
  const limit = pLimit(work.concurrency);
  const failures: unknown[] = [];
  let copied = 0;
  let left = 0;
  const lane = async (chunk: Chunk): Promise<void> => {
    try {
      inner.signal.throwIfAborted();
      const done = await copyChunk(inner, chunk);
      copied += done.copied;
      left += done.left;
    } catch (error) {
      failures.push(error);
      stop.abort(error);
    }
  };
  for await (const chunks of openInTurn(work, run)) {
    await limit.map(chunks, lane);
    if (failures.length > 0) throw failures[0];
  }
  return { copied, left };
}

/**
 * Open chunks from a random one on, then those before it: two workers seldom meet, and where they do the second finds
 * nothing left to copy.
 */
async function* openInTurn(work: Work, run: number): AsyncGenerator<readonly Chunk[]> {
  const from = Math.floor(Math.random() * (await countChunks(work.pool, work.fence.cohort, run)));
  for (const [first, upto] of [
    [from, MOST_CHUNKS],
    [0, from],
  ] as const) {
    let after = first;
    for (;;) {
      const chunks = await openChunks(work.pool, work.fence.cohort, run, {
        after,
        upto,
        limit: CHUNKS_AT_ONCE,
      });
      if (chunks.length > 0) yield chunks;
      if (chunks.length < CHUNKS_AT_ONCE) break;
      after = chunks.at(-1)?.number ?? after;
    }
  }
}
const MOST_CHUNKS = 2 ** 31 - 1;

async function copyChunk(work: Work, chunk: Chunk): Promise<Copied> {
  const { pool, stores, fence, governor, signal } = work;
  const pages = whileHeld(throttled(unseededPages(work, chunk), governor, signal), pool, fence, signal);
  let copied = 0;
  let left = 0;
  let closed = false;
  for await (const page of pages) {
    const outcome = await copyPage({ pool, stores, fence, chunk, ...page });
    copied += outcome.seeded + outcome.quarantined;
    left += outcome.left;
    closed = outcome.closed;
    await work.onPage();
  }
  // Nothing was left in it, or its last page was not written whole: what is missing then belongs to the next run.
  if (!closed) await closeChunk(work, chunk);
  return { copied, left };
}

async function closeChunk(work: Work, chunk: Chunk): Promise<void> {
  await inTransaction(work.pool, async (tx) => {
    await addToChunk(tx, chunk, { seeded: 0, quarantined: 0, done: true });
    await assertFence(tx, work.fence);
  });
  await work.onPage();
}

/** The pages of a chunk: ids only, so that a lane holds the contents of one page at a time. */
async function* unseededPages(work: Work, chunk: Chunk): AsyncGenerator<Page> {
  let after = chunk.afterId;
  for (;;) {
    const items = await unseededIn(work.pool, work.stores, chunk, after, CHUNK.documents);
    const end = items.length < CHUNK.documents;
    const pages = pagesOf(items, PAGE);
    for (const [at, ids] of pages.entries()) yield { ids, last: end && at === pages.length - 1 };
    if (end) return;
    after = items.at(-1)?.id ?? after;
  }
}
