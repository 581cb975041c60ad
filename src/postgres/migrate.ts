import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.ts';
import type { Pool } from './pool.ts';
import type { Queryable } from './queryable.ts';
import { inTransaction } from './transaction.ts';

/** One file that is never changed once released; the versions are 1, 2, 3 … without a gap. */
interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Beside this file, in src as in dist. */
const FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url));

/** Any number, but the same for ever: it is how two releases exclude each other. */
const LOCK = "pg_advisory_xact_lock(hashtextextended('dualpath.migrations', 0))";

const BOOTSTRAP = `create schema if not exists dualpath;
create table if not exists dualpath.migrations (
  version integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now()
);`;

/**
 * Brings the control schema to the newest version: each step in a transaction of its own, under a lock, so that a
 * killed or a second `init` does no harm.
 *
 * @throws UsageError 'schema-newer' or 'schema-changed' when the database does not fit this program
 */
export async function migrate(pool: Pool): Promise<{ from: number; to: number }> {
  const known = migrations();
  const from = await inTransaction(pool, prepare);
  let version = from;
  while (version < known.length) version = await inTransaction(pool, (tx) => step(tx, known));
  return { from, to: version };

  async function prepare(tx: Queryable): Promise<number> {
    await tx.query(`select ${LOCK}`);
    // `if not exists` still wants the right to create, which a controller of an installed schema need not have.
    if (!(await isInstalled(tx))) await tx.query(BOOTSTRAP);
    return checkApplied(tx, known);
  }
}

/** 0 where the schema is not installed. */
export async function schemaVersion(db: Queryable): Promise<number> {
  if (!(await isInstalled(db))) return 0;
  const { rows } = await db.query<{ version: number }>(
    'select coalesce(max(version), 0)::int as version from dualpath.migrations',
  );
  return rows[0]?.version ?? 0;
}

/** @throws UsageError with the remedy when the control schema is absent, older or newer than this program */
export async function requireSchema(db: Queryable): Promise<void> {
  const wanted = migrations().length;
  if (!(await isInstalled(db))) {
    throw new UsageError(
      'schema-missing',
      'This database has no dualpath schema yet.',
      'Run `dualpath init` first.',
    );
  }
  const version = await schemaVersion(db);
  if (version > wanted) throw newer(version, wanted);
  if (version < wanted) {
    throw new UsageError(
      'schema-older',
      `The dualpath schema of this database has version ${version}, and this program needs version ${wanted}.`,
      'Run `dualpath init` to upgrade it.',
      { version, wanted },
    );
  }
}

/**
 * The script that brings a schema of version `from` to the newest, for a person to read and run with psql. Each
 * migration looks whether it is there already, so a script that stopped half way can be run again as it is.
 */
export function migrationsSql(from = 0): string {
  const parts = migrations()
    .filter((each) => each.version > from)
    .map(({ version, name, checksum, sql }) => [
      'begin;',
      `select ${LOCK};`,
      `do $dualpath_step$ begin if not exists (select from dualpath.migrations where version = ${version}) then`,
      `execute $dualpath_sql$\n${sql.trim()}\n$dualpath_sql$;`,
      `insert into dualpath.migrations (version, name, checksum) values (${version}, '${name}', '${checksum}');`,
      'end if; end $dualpath_step$;',
      'commit;',
    ]);
  return [...(from === 0 ? [['begin;', `select ${LOCK};`, BOOTSTRAP, 'commit;']] : []), ...parts]
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function migrations(): readonly Migration[] {
  if (!existsSync(FOLDER))
    throw new Error(`the migrations are missing beside ${FOLDER}: build dualpath again`);
  const found = readdirSync(FOLDER)
    .sort()
    .flatMap((file) => {
      const [, number, name] = /^(\d{4})-([a-z0-9-]+)\.sql$/.exec(file) ?? [];
      if (number === undefined || name === undefined) return [];
      // A checkout on Windows may have other line ends; the checksum is of the statements.
      const sql = readFileSync(`${FOLDER}/${file}`, 'utf8').replaceAll('\r\n', '\n');
      return [
        { version: Number(number), name, sql, checksum: createHash('sha256').update(sql).digest('hex') },
      ];
    });
  const gap = found.find((each, index) => each.version !== index + 1);
  if (gap !== undefined)
    throw new Error(`the migrations have a gap or a double before ${gap.version}-${gap.name}`);
  return found;
}

/** Applies the one that is due, whoever applied the one before; the version reached. */
async function step(tx: Queryable, known: readonly Migration[]): Promise<number> {
  await tx.query(`select ${LOCK}`);
  const version = await checkApplied(tx, known);
  const due = known[version];
  if (due === undefined) return version;
  await tx.query(due.sql);
  await tx.query(
    'insert into dualpath.migrations (version, name, checksum) values ($1::int, $2::text, $3::text)',
    [due.version, due.name, due.checksum],
  );
  return due.version;
}

async function checkApplied(tx: Queryable, known: readonly Migration[]): Promise<number> {
  const { rows } = await tx.query<{ version: number; name: string; checksum: string }>(
    'select version, name, checksum from dualpath.migrations order by version',
  );
  const last = rows.at(-1)?.version ?? 0;
  if (last > known.length) throw newer(last, known.length);
  for (const row of rows) {
    if (known[row.version - 1]?.checksum === row.checksum) continue;
    throw new UsageError(
      'schema-changed',
      `Version ${row.version} (${row.name}) of the dualpath schema was made by another build than this one.`,
      'Use the release of dualpath that made the schema, or a later release.',
      { version: row.version, name: row.name },
    );
  }
  return last;
}

/** Whether there is a control schema, of whatever version. */
export async function isInstalled(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ installed: boolean }>(
    `select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                     where n.nspname = 'dualpath' and c.relname = 'migrations') as installed`,
  );
  return rows[0]?.installed ?? false;
}

function newer(version: number, known: number): UsageError {
  return new UsageError(
    'schema-newer',
    `The dualpath schema of this database has version ${version}, and this program knows versions up to ${known} only.`,
    'Upgrade dualpath to the release that made the schema.',
    { version, known },
  );
}
