import { shellWord } from '../core/shell-word.ts';
import { HeldError, UsageError } from '../errors.ts';
import { quoteIdent, quoteTable } from '../postgres/identifiers.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction, withLockRetries } from '../postgres/transaction.ts';

/**
 * Removes change capture from every table it is on, wherever that table went; with `all` the control schema too. The
 * application's tables, the local-first one among them, keep their rows, and the roles, which belong to the whole
 * cluster, stay. With `dryRun` it says what it would remove.
 * @throws HeldError while a cohort is between planned and completed: its documents would drift unseen.
 * @throws UsageError `not-owner` (exit 2), before anything is removed, when this login may not remove all of it.
 */
export async function uninstall(
  pool: Pool,
  options: { readonly all?: boolean; readonly dryRun?: boolean } = {},
): Promise<{ readonly tables: readonly string[] }> {
  await refuseWhileMoving(pool);
  const triggers = await ourTriggers(pool);
  await refuseWithoutRights(pool, Boolean(options.all));
  const tables = [...new Set(triggers.map((trigger) => trigger.table))];
  if (options.dryRun) return { tables };
  for (const trigger of triggers) {
    await withLockRetries(pool, async (tx) => {
      await tx.query(`drop trigger if exists ${quoteIdent(trigger.name)} on ${trigger.table}`);
    });
  }
  await inTransaction(pool, async (tx) => {
    await refuseWhileMoving(tx);
    if (options.all) {
      await tx.query('drop schema dualpath cascade');
      return;
    }
    for (const name of await ourFunctions(tx)) await tx.query(`drop function ${name}()`);
    await tx.query('delete from dualpath.captures');
    await tx.query('delete from dualpath.installation');
  });
  return { tables };
}

async function refuseWhileMoving(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ name: string; stage: string }>(
    `select name, stage from dualpath.cohorts
      where stage not in ('planned', 'rolled-back', 'completed') order by place`,
  );
  const [moving] = rows;
  if (!moving) return;
  throw new HeldError(
    'cohort-moving',
    `Cohort ${moving.name} is ${moving.stage}: without capture its two stores would part unseen.`,
    `Take it back first, with \`dualpath rollback ${shellWord(moving.name)} --reason "why"\`, or take it to its end with \`dualpath complete ${shellWord(moving.name)} --reason "why" --yes\`.`,
    { cohort: moving.name, stage: moving.stage },
  );
}

/** Takes the triggers of the local-first table away, once it is written through the library again. */
export async function dropStateTriggers(pool: Pool): Promise<void> {
  for (const { name, table } of await ourTriggers(pool, 'capture\\_state\\_%'))
    await withLockRetries(pool, async (tx) => {
      await tx.query(`drop trigger if exists ${quoteIdent(name)} on ${table}`);
    });
}

/** Triggers go with the owner of their table, functions with theirs or their schema's, the schema with its own. */
async function refuseWithoutRights(db: Queryable, all: boolean): Promise<void> {
  const { rows } = await db.query<{ what: string }>(
    `select distinct format('table %I.%I', n.nspname, c.relname) as what
       from pg_catalog.pg_trigger t
       join pg_catalog.pg_proc p on p.oid = t.tgfoid
       join pg_catalog.pg_namespace f on f.oid = p.pronamespace
       join pg_catalog.pg_class c on c.oid = t.tgrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where f.nspname = 'dualpath' and not t.tgisinternal and not pg_has_role(c.relowner, 'usage')
      union all
     select 'schema dualpath' from pg_catalog.pg_namespace
      where nspname = 'dualpath' and not pg_has_role(nspowner, 'usage')
        and ($1::boolean
             or exists (select from pg_catalog.pg_proc where pronamespace = pg_namespace.oid
                         and prorettype = 'trigger'::regtype and proname like 'capture\\_%'
                         and not pg_has_role(proowner, 'usage')))
      order by 1`,
    [all],
  );
  if (rows.length === 0) return;
  const owned = rows.map(({ what }) => what);
  throw new UsageError(
    'not-owner',
    `This login cannot remove dualpath: it does not own ${owned.join(', ')}.`,
    'Name their owner, or a superuser, in `database` and run the same command again.',
    { owned },
  );
}

async function ourTriggers(
  db: Queryable,
  functions = 'capture\\_%',
): Promise<readonly { readonly name: string; readonly table: string }[]> {
  const { rows } = await db.query<{ name: string; schema: string; table: string }>(
    `select t.tgname as name, n.nspname as schema, c.relname as table
       from pg_catalog.pg_trigger t
       join pg_catalog.pg_proc p on p.oid = t.tgfoid
       join pg_catalog.pg_namespace f on f.oid = p.pronamespace
       join pg_catalog.pg_class c on c.oid = t.tgrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where f.nspname = 'dualpath' and p.proname like $1::text and not t.tgisinternal
      order by n.nspname, c.relname, t.tgname`,
    [functions],
  );
  return rows.map(({ name, schema, table }) => ({ name, table: quoteTable({ schema, table }) }));
}

async function ourFunctions(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select p.proname as name from pg_catalog.pg_proc p
       join pg_catalog.pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'dualpath' and p.proname like 'capture\\_%' and p.prorettype = 'trigger'::regtype`,
  );
  return rows.map(({ name }) => quoteTable({ schema: 'dualpath', table: name }));
}
