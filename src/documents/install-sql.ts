import { migrationsSql } from '../postgres/migrate.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { watchedTables } from './capture-health.ts';
import { functionSql, localFirstSql, serverHasLz4, triggerSql } from './install-plan.ts';
import { recordSql } from './installation.ts';
import { createRoleSql, grantSql, ROLES } from './roles.ts';
import type { Stores } from './stores.ts';

/**
 * Everything `init` would do as a script for psql, with the tables as they are now; it needs no right but to look.
 * `from` is the version of the control schema that is there, 0 for none.
 */
export async function installSql(db: Queryable, stores: Stores, from = 0): Promise<string> {
  const tables = await watchedTables(db, stores);
  return [
    '-- Safe to run again. Run it with psql -v ON_ERROR_STOP=1 as an owner of the tables who may create roles.',
    section('The control schema', migrationsSql(from)),
    section('The table of Yjs states', statements(localFirstSql(stores, await serverHasLz4(db)))),
    section('Roles, to be granted to the users who need them', statements(ROLES.map(createRoleSql))),
    section('Rights of the roles', statements(grantSql(stores))),
    section('Change capture: functions', statements(functionSql(stores))),
    section(
      'Change capture: triggers. A table that stays locked fails after 0.3 s rather than stop its writers: run it again',
      [`set lock_timeout = '300ms';`, ...tables.map(inOneTransaction), 'reset lock_timeout;'].join('\n'),
    ),
    section('What was installed', statements([recordSql(stores)])),
  ].join('\n\n');

  function inOneTransaction(table: (typeof tables)[number]): string {
    return ['begin;', statements(triggerSql(table)), 'commit;'].join('\n');
  }
}

const section = (title: string, body: string): string => `-- ${title}\n${body}`;

const statements = (list: readonly string[]): string => list.map((statement) => `${statement};`).join('\n');
