import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from '../../src/postgres/pool.ts';

/**
 * All that a command could change: every row of dualpath's tables, both stores, the triggers and the flags file. Two dumps that
 * are equal mean that nothing was written in between.
 */
export async function dump(pool: Pool, directory: string): Promise<Readonly<Record<string, unknown>>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_catalog.pg_tables
      where schemaname in ('dualpath', 'local_first', 'public') order by 1`,
  );
  const content: Record<string, unknown> = {};
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(
      `select each.xmin::text || ' ' || each::text as row from ${name} each order by 1`,
    );
    content[name] = rows.map(({ row }) => row);
  }
  const { rows: triggers } = await pool.query<{ name: string }>(
    `select tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text as name from pg_catalog.pg_trigger order by 1`,
  );
  content.triggers = triggers.map(({ name }) => name);
  const flags = join(directory, 'flags.json');
  content.flags = existsSync(flags) ? readFileSync(flags, 'utf8') : null;
  return content;
}
