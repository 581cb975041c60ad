import { type Controller, openController } from '../../src/controller.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { QUICK, rolloutOf, type TestRollout } from '../support/rollout.ts';

/** How long a pair has to be still in these tests. */
export const SETTLE = '300ms';

export interface OwnRollout {
  readonly database: TestDatabase;
  readonly rollout: TestRollout;
}

export const EDITOR_TABLES = `
  create table public.users (id text primary key, school_id text);
  create table public.documents (
    id text primary key, owner_id text references public.users (id), content jsonb not null,
    revision bigint not null default 1, updated_at timestamptz not null default now(), deleted_at timestamptz);
  insert into public.users select 'u-' || n, 's-' || n % 2 from generate_series(1, 6) n`;

/** An editor's database with dualpath beside it; `tables` are the application's, `keys` what its config says of them. */
export async function openOwn(tables: string, keys: object): Promise<OwnRollout> {
  const database = await freshDatabase({ migrated: false });
  await database.pool.query(EDITOR_TABLES);
  await database.pool.query(tables);
  const rollout = rolloutOf({
    version: 1,
    database: database.url,
    documents: {
      where: 'deleted_at is null',
      columns: { id: 'id', owner: 'owner_id', content: 'content', revision: 'revision' },
    },
    users: { attributes: { school: 'school_id' } },
    flags: { provider: 'file' },
    settle: SETTLE,
    ...QUICK,
    cohorts: [{ name: 'everyone', everyone: true }],
    ...keys,
  });
  return { database, rollout };
}

/** The same calls as the commands make. */
export async function controlling<T>(
  { rollout }: OwnRollout,
  work: (controller: Controller) => Promise<T>,
): Promise<T> {
  const controller = await openController({ config: rollout.config, operator: 'test', reason: 'a test' });
  try {
    return await work(controller);
  } finally {
    await controller.close();
  }
}

/** A legacy document of paragraphs, as the application had them before it knew of Yjs. */
export const insertLegacy = (own: OwnRollout, id: string, ...paragraphs: readonly string[]) =>
  own.database.pool.query('insert into public.documents (id, owner_id, content) values ($1, $2, $3)', [
    id,
    'u-1',
    JSON.stringify({
      type: 'doc',
      content: paragraphs.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })),
    }),
  ]);

/** What a full comparison says: the class of each document that drifts. */
export const driftOf = (own: OwnRollout): Promise<Readonly<Record<string, string>>> =>
  controlling(own, async (controller) => {
    const { cohorts } = await controller.verify([], { scope: 'full', repair: false, limit: 1000 });
    return Object.fromEntries(cohorts.flatMap(({ drift }) => drift.map((row) => [row.document, row.class])));
  });

/** What stands recorded, without another look. */
export async function recordedDrift(own: OwnRollout): Promise<Readonly<Record<string, string>>> {
  const { rows } = await own.database.pool.query<{ id: string; class: string }>(
    'select document_id as id, class from dualpath.drift order by 1',
  );
  return Object.fromEntries(rows.map((row) => [row.id, row.class]));
}

/** Something to wait for until a test lets it go on. */
export function latch(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
