import { UsageError } from '../errors.ts';
import type { Column, TableFacts } from './inspect-table.ts';

const INTEGERS = ['int2', 'int4', 'int8'];
const IDS = ['text', 'varchar', 'bpchar', 'uuid', ...INTEGERS];
const CONTENTS = ['jsonb', 'json', 'text', 'varchar'];

/** An id or owner column: text, uuid or an integer. */
export function requireText(table: TableFacts, column: Column, key: string): void {
  if (IDS.includes(column.type)) return;
  throw unsupported(table, column, key, 'text, uuid or an integer');
}

/** An id that finds exactly one row, in every session and at every moment. */
export function requireId(table: TableFacts, column: Column, key: string): void {
  requireText(table, column, key);
  if (column.unique && column.notNull) return;
  throw new UsageError(
    'no-unique-key',
    `Column ${column.name} of ${table.schema}.${table.name} has no primary key or unique, not-null constraint of its own, so a row cannot be told from another.`,
    `Add a primary key on ${column.name}, or map ${key} to the column that has one.`,
    { table: `${table.schema}.${table.name}`, column: column.name },
  );
}

export function requireContent(table: TableFacts, column: Column): void {
  if (CONTENTS.includes(column.type)) return;
  throw unsupported(table, column, 'documents.columns.content', 'jsonb, json or text');
}

export function requireRevision(table: TableFacts, column: Column): void {
  if (INTEGERS.includes(column.type)) return;
  throw unsupported(
    table,
    column,
    'documents.columns.revision',
    'a whole number (smallint, integer or bigint); leave the key out where the application keeps none',
  );
}

function unsupported(table: TableFacts, column: Column, key: string, wanted: string): UsageError {
  return new UsageError(
    'unsupported-type',
    `Column ${column.name} of ${table.schema}.${table.name} is ${column.declared}, which dualpath cannot use there.`,
    `Map ${key} to a column that is ${wanted}.`,
    { table: `${table.schema}.${table.name}`, column: column.name, type: column.declared },
  );
}

const UUID = /^\{?[0-9a-f]{4}(-?[0-9a-f]{4}){7}\}?$/i;
const INTEGER = /^[+-]?\d{1,19}$/;
const BOUNDS: Readonly<Record<string, bigint>> = { int2: 2n ** 15n, int4: 2n ** 31n, int8: 2n ** 63n };

/** Could a row of this column have this id? What could not is absent, and would make a cast fail. */
export function canBeId(column: Column, id: string): boolean {
  if (id.includes('\u0000')) return false;
  if (column.type === 'uuid') return UUID.test(id);
  const bound = BOUNDS[column.type];
  if (bound === undefined) return true;
  if (!INTEGER.test(id)) return false;
  const value = BigInt(id);
  return value >= -bound && value < bound;
}
