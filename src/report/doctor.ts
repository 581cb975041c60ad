import type { LoadedConfig } from '../config/load.ts';
import type { FlagRole } from '../core/model.ts';
import { captureHealth } from '../documents/capture-health.ts';
import { requireInstallation } from '../documents/installation.ts';
import { openStores, type Stores } from '../documents/stores.ts';
import { DualpathError, type ExitCode } from '../errors.ts';
import { compareFlags, flagsChanged } from '../flags/drift.ts';
import type { FlagPort } from '../flags/port.ts';
import { asDualpathError } from '../postgres/errors.ts';
import { isInstalled, requireSchema } from '../postgres/migrate.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { readFlagRecord } from '../rollout/flag-records.ts';
import type { DoctorCheck, DoctorReport } from './reports.ts';

/** The oldest server that has what the control schema uses (`MERGE`-free, lz4, xid8). */
const OLDEST_POSTGRES = 140_000;

/** Leases and soak clocks are the database's; people read both clocks, and a flag token's expiry is judged by ours. */
const CLOCK_TOLERANCE_SECONDS = 60;

interface Found {
  readonly found: string;
  readonly remedy?: string;
}

/** Everything a rollout needs, each looked at by itself: one thing that is wrong hides none of the others. */
export async function examine(
  loaded: LoadedConfig,
  open: { readonly pool: () => Promise<Pool>; readonly flags: () => FlagPort },
): Promise<DoctorReport & { readonly exit: ExitCode }> {
  const checks: DoctorCheck[] = [];
  let exit: ExitCode = 0;
  const check = async <T>(
    name: string,
    look: () => Promise<Found & { readonly value?: T }>,
  ): Promise<T | undefined> => {
    try {
      const { found, remedy, value } = await look();
      checks.push({ check: name, ok: remedy === undefined, found, remedy: remedy ?? null });
      if (remedy !== undefined && exit === 0) exit = 2;
      return value;
    } catch (thrown) {
      const error = asDualpathError(thrown, {});
      if (!(error instanceof DualpathError)) throw error;
      checks.push({ check: name, ok: false, found: error.message, remedy: error.remedy });
      exit = exit === 6 || error.exitCode === 6 ? 6 : 2;
      return undefined;
    }
  };

  await check('config', async () => ({
    found: `${loaded.path}: ${loaded.config.cohorts.length === 1 ? '1 cohort' : `${loaded.config.cohorts.length} cohorts`}, every key valid`,
  }));
  await check('node', async () => ({ found: process.version }));
  const pool = await check('database', () => lookAtDatabase(open.pool));
  let records: Queryable | undefined;
  if (pool) {
    await check('clock', () => lookAtClock(pool));
    const stores = await check('tables', () => lookAtTables(pool, loaded));
    records = await check('control schema', async () => {
      await requireSchema(pool);
      return { found: 'current', value: pool };
    });
    if (stores) {
      await check('privileges', () => lookAtPrivileges(pool, stores));
      await check('change capture', () => lookAtCapture(pool, stores, records !== undefined));
    }
  }
  const dualWrite = await check('flag dual_write', () => lookAtFlag(open.flags(), 'dual_write', records));
  await check('flag default', () => lookAtFlag(open.flags(), 'default', records));
  await check('flag evaluation', () => lookAtEvaluation(open.flags(), dualWrite !== false));
  return { healthy: checks.every((each) => each.ok), checks, exit };
}

async function lookAtDatabase(open: () => Promise<Pool>): Promise<Found & { value: Pool }> {
  const pool = await open();
  const { rows } = await pool.query<{ number: number; version: string; database: string; login: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
            current_database() as database, current_user as login`,
  );
  const { number = 0, version = '?', database = '?', login = '?' } = rows[0] ?? {};
  const found = `PostgreSQL ${version}, database ${database} as ${login}`;
  return number >= OLDEST_POSTGRES
    ? { found, value: pool }
    : { found, value: pool, remedy: 'Use PostgreSQL 14 or newer.' };
}

async function lookAtClock(pool: Queryable): Promise<Found> {
  const { rows } = await pool.query<{ now: Date }>(`select clock_timestamp() as now`);
  const off = Math.round(Math.abs((rows[0]?.now.getTime() ?? 0) - Date.now()) / 1000);
  const found = `this machine and the database differ by ${off} s`;
  return off <= CLOCK_TOLERANCE_SECONDS ? { found } : { found, remedy: 'Synchronise both clocks (NTP).' };
}

async function lookAtTables(pool: Queryable, { config }: LoadedConfig): Promise<Found & { value: Stores }> {
  const stores = await openStores(pool, config);
  const { legacy, localFirst, users } = stores;
  const localFirstState = localFirst.exists ? localFirst.quoted : `${localFirst.quoted} (created by init)`;
  return { found: `${legacy.quoted}, ${users.quoted}, ${localFirstState}`, value: stores };
}

async function lookAtPrivileges(pool: Queryable, { legacy, localFirst, users }: Stores): Promise<Found> {
  const { rows } = await pool.query<{ lacking: string }>(
    `select n.privilege || ' on ' || n.relation as lacking
       from (values ($1::text, 'select'), ($1::text, 'update'), ($2::text, 'select')) as n (relation, privilege)
      where not has_table_privilege(n.relation, n.privilege)
      union all
     select n.privilege || ' on ' || $3::text
       from (values ('select'), ('insert'), ('update')) as n (privilege)
      where to_regclass($3::text) is not null and not has_table_privilege($3::text, n.privilege)
      union all
     select n.privilege || ' on ' || n.relation
       from (values ('dualpath.cohorts', 'update'), ('dualpath.flags', 'insert'), ('dualpath.chunks', 'insert'),
                    ('dualpath.journal', 'insert'), ('dualpath.documents', 'update')) as n (relation, privilege)
      where to_regclass(n.relation) is not null and not has_table_privilege(n.relation, n.privilege)`,
    [legacy.quoted, users.quoted, localFirst.quoted],
  );
  if (rows.length === 0) return { found: 'this login may do all that a controller does' };
  const lacking = rows.map((row) => row.lacking).join(', ');
  return {
    found: `this login lacks ${lacking}`,
    remedy:
      'Grant it dualpath_controller (created by `dualpath init`) if it is to move cohorts; dualpath_observer with dualpath_app is enough for soak and verify.',
  };
}

async function lookAtCapture(pool: Queryable, stores: Stores, initialised: boolean): Promise<Found> {
  if (!(await isInstalled(pool)))
    return { found: 'dualpath is not installed in this database yet', remedy: 'Run `dualpath init`.' };
  if (initialised) await requireInstallation(pool, stores);
  const gaps = await captureHealth(pool, stores);
  if (gaps.length === 0) return { found: 'installed and enabled wherever documents are written' };
  const list = gaps.map(({ table, event, problem }) => `${event} on ${table} is ${problem}`).join('; ');
  return { found: list, remedy: 'Run `dualpath init`: it installs what is missing.' };
}

/** The value says whether the flag is there. */
async function lookAtFlag(
  flags: FlagPort,
  role: FlagRole,
  records: Queryable | undefined,
): Promise<Found & { value?: boolean }> {
  const seen = await flags.observe(role);
  const record = records && (await readFlagRecord(records, role));
  const [drift] = record ? compareFlags(record.confirmed, seen, record.intended ?? record.confirmed) : [];
  if (drift) throw flagsChanged([drift]);
  if (!seen.exists)
    return { found: `${seen.flag} does not exist yet; the first start creates it`, value: false };
  const foreign = seen.foreign.filter((each) => each.effective).map((each) => each.what);
  const found = `${seen.flag} is ${seen.enabled ? 'enabled' : 'disabled'} with ${seen.strategies.length} of our strategies`;
  return foreign.length === 0
    ? { found }
    : {
        found: `${found}, and others: ${foreign.join(', ')}`,
        remedy: 'Remove the strategies that are not ours.',
      };
}

/** Before the first start there is no flag to read; a token that is refused shows all the same. */
async function lookAtEvaluation(flags: FlagPort, exists: boolean): Promise<Found> {
  try {
    await flags.evaluate('dual_write', [{ id: 'dualpath-doctor', attributes: {} }]);
    return { found: 'the SDK evaluates with the client token' };
  } catch (error) {
    if (exists || !(error instanceof DualpathError) || error.code !== 'flag-not-visible') throw error;
    return { found: 'the flags can be read; there is none yet' };
  }
}
