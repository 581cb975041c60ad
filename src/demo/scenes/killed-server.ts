import { setTimeout as sleep } from 'node:timers/promises';
import { inTransaction } from '../../postgres/transaction.ts';
import { openDevice } from '../device.ts';
import { type EditorServer, ServerGoneError, startEditorServer } from '../editor-server.ts';
import { openLegacyTab } from '../legacy-tab.ts';
import { reached, type SchoolDay } from '../school-day.ts';
import type { Scene } from './scene.ts';

/**
 * A server is killed in mid-save, before its transaction commits, and the next one in mid-push, after it. Neither client
 * knows which it was: each sends the same once more to the server that was started again.
 */
export const killedServer: Scene = async (day, cohort, { id, owner }) => {
  if (!(await reached(day, cohort, 'soaking'))) return null;
  const running: EditorServer[] = [];
  const start = async (): Promise<EditorServer> => {
    const server = await startEditorServer(day.config);
    running.push(server);
    return server;
  };
  try {
    const first = await start();
    const tab = await openLegacyTab(day.pool, first.documents, {
      id,
      device: `${owner} library`,
      shows: 'head',
    });
    await tab.type('top');
    await killBeforeCommit(day, id, first, () => tab.save());
    const second = await start();
    const saved = await tab.save(second.documents);
    const device = await openDevice(day.pool, second.documents, { id, device: `${owner} laptop` });
    await device.type('bottom');
    await killAfterCommit(day, id, second, () => device.push());
    const pushed = await device.push((await start()).documents);
    return `a server killed in mid-save, and again in mid-push: sent once more, the save was ${saved.outcome}, the push a ${pushed.outcome}`;
  } finally {
    for (const server of running) await server.kill();
  }
};

/** The document is locked by somebody else, so the save is in the middle of its transaction, and stays there. */
async function killBeforeCommit(
  { pool }: SchoolDay,
  id: string,
  server: EditorServer,
  save: () => Promise<unknown>,
): Promise<void> {
  const answer = await inTransaction(pool, async (tx) => {
    await tx.query(`select from public.documents where id = $1::uuid for update`, [id]);
    const answer = errorOf(save());
    await until(
      pool,
      `select from pg_catalog.pg_stat_activity
      where datname = current_database() and application_name = 'dualpath documents' and wait_event_type = 'Lock'`,
    );
    await server.kill();
    return answer;
  });
  requireGone(await answer);
}

/** What was committed is there for everybody; only its answer is not. */
async function killAfterCommit(
  { pool }: SchoolDay,
  id: string,
  server: EditorServer,
  push: () => Promise<unknown>,
): Promise<void> {
  server.muffle();
  const answer = errorOf(push());
  await until(pool, `select from dualpath.receipts where document_id = $1::text and kind = 'push'`, [id]);
  await server.kill();
  requireGone(await answer);
}

const errorOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => null).catch((error) => error);

function requireGone(error: unknown): void {
  if (!(error instanceof ServerGoneError))
    throw error ?? new Error('the server answered after it was killed');
}

const LOOK_MS = 20;
const PATIENCE_MS = 30_000;

async function until(pool: SchoolDay['pool'], sql: string, values: readonly unknown[] = []): Promise<void> {
  for (const since = performance.now(); performance.now() - since < PATIENCE_MS; await sleep(LOOK_MS)) {
    const { rows } = await pool.query<{ seen: boolean }>(`select exists (${sql}) as seen`, [...values]);
    if (rows[0]?.seen) return;
  }
  throw new Error('a server did not come so far as to be killed');
}
