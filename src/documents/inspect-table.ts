import { parseTableName, quoteIdent, quoteTable } from '../postgres/identifiers.ts';
import type { Queryable } from '../postgres/queryable.ts';

/** A column of the application's, with the type under any domain. */
export interface Column {
  readonly name: string;
  readonly quoted: string;
  /** The base type as Postgres names it inside: `text`, `uuid`, `int8`, `jsonb`, … */
  readonly type: string;
  /** As one would declare it: `character varying(36)`, a domain's name. */
  readonly declared: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** A unique index or an exclusion by `=`, not partial and immediate, covers this column alone. */
  readonly unique: boolean;
}

export type TableKind = 'table' | 'partitioned' | 'view' | 'other';

/** What is true of one relation, as the catalogue has it. */
export interface TableFacts {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly quoted: string;
  readonly kind: TableKind;
  readonly columns: readonly Column[];
  /** Row-level security would filter what this session reads. */
  readonly rowsHidden: boolean;
  readonly owner: string;
}

interface ColumnRow {
  name: string;
  type: string;
  declared: string;
  not_null: boolean;
  has_default: boolean;
  unique: boolean;
}

/** The facts of a table or view; null where there is none of this name that we can see. */
export async function inspectTable(db: Queryable, table: string): Promise<TableFacts | null> {
  const wanted = parseTableName(table);
  const { rows } = await db.query<{
    oid: string;
    schema: string;
    name: string;
    kind: string;
    rows_hidden: boolean;
    owner: string;
  }>(
    `select c.oid::text as oid, n.nspname as schema, c.relname as name, c.relkind as kind,
            row_security_active(c.oid) as rows_hidden, pg_get_userbyid(c.relowner) as owner
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relname = $1::text
        and n.nspname = $2::text
        and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    [wanted.table, wanted.schema],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    oid: row.oid,
    schema: row.schema,
    name: row.name,
    quoted: quoteTable({ schema: row.schema, table: row.name }),
    kind: kindOf(row.kind),
    columns: await readColumns(db, row.oid),
    rowsHidden: row.rows_hidden,
    owner: row.owner,
  };
}

const kindOf = (relkind: string): TableKind =>
  relkind === 'r' ? 'table' : relkind === 'p' ? 'partitioned' : relkind === 'v' ? 'view' : 'other';

async function readColumns(db: Queryable, oid: string): Promise<readonly Column[]> {
  const { rows } = await db.query<ColumnRow>(
    `with recursive base as (
       select a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.atthasdef, a.attidentity,
              t.oid as type, t.typtype, t.typbasetype, t.typnotnull as domain_not_null
         from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
        where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped
       union all
       select b.attnum, b.attname, b.atttypid, b.atttypmod, b.attnotnull, b.atthasdef, b.attidentity,
              t.oid, t.typtype, t.typbasetype, b.domain_not_null or t.typnotnull
         from base b join pg_catalog.pg_type t on t.oid = b.typbasetype
        where b.typtype = 'd'
     )
     select b.attname as name, t.typname as type, format_type(b.atttypid, b.atttypmod) as declared,
            b.attnotnull or b.domain_not_null as not_null,
            b.atthasdef or b.attidentity <> '' as has_default,
            exists (select from pg_catalog.pg_index i
                     where i.indrelid = $1::oid and i.indisvalid and i.indimmediate and i.indpred is null
                       and i.indnkeyatts = 1 and i.indkey[0] = b.attnum
                       and (i.indisunique
                            or exists (select from pg_catalog.pg_constraint x
                                         join pg_catalog.pg_operator o on o.oid = x.conexclop[1]
                                        where x.conindid = i.indexrelid and x.contype = 'x' and o.oprname = '='))
                   ) as unique
       from base b join pg_catalog.pg_type t on t.oid = b.type
      where b.typtype <> 'd'
      order by b.attnum`,
    [oid],
  );
  return rows.map((row) => ({
    name: row.name,
    quoted: quoteIdent(row.name),
    type: row.type,
    declared: row.declared,
    notNull: row.not_null,
    hasDefault: row.has_default,
    unique: row.unique,
  }));
}

/** Every table that holds rows of this one: itself, its partitions and children at any depth. */
export async function tableFamily(
  db: Queryable,
  oid: string,
): Promise<readonly { readonly oid: string; readonly quoted: string; readonly foreign: boolean }[]> {
  const { rows } = await db.query<{ oid: string; schema: string; name: string; kind: string }>(
    `with recursive family as (
       select $1::oid as oid
       union
       select i.inhrelid from family f join pg_catalog.pg_inherits i on i.inhparent = f.oid
     )
     select c.oid::text as oid, n.nspname as schema, c.relname as name, c.relkind as kind
       from family f join pg_catalog.pg_class c on c.oid = f.oid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      order by f.oid`,
    [oid],
  );
  return rows.map(({ oid: member, schema, name, kind }) => ({
    oid: member,
    quoted: quoteTable({ schema, table: name }),
    foreign: kind === 'f',
  }));
}
