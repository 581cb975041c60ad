import type { Queryable } from '../postgres/queryable.ts';
import type { Column } from './inspect-table.ts';
import { typeSql } from './legacy-sql.ts';
import type { Stores } from './stores.ts';

/** The legacy row as it is after a write. */
export interface WrittenRow {
  readonly revision: string | null;
  readonly xmin: string;
  /** Where the row lies: a trigger that writes it once more moves it. */
  readonly place: string;
  /** The content as text, where a trigger of the application's changed what was written; null: it is what was written. */
  readonly altered: string | null;
  /** Milliseconds that the server took for the row, without triggers after it and the way there and back. */
  readonly tookMs: number;
}

/**
 * Writes content to the legacy row that the caller holds, with `updated_at`, and the revision raised by one where the table
 * has one. Gives the row as it is then, which is the truth: a trigger of the application's may have had its say. Change
 * capture passes over exactly this statement (what triggers write beside it is captured) until `endOwnWrite`.
 * @param raw as `writeLegacy` gives it
 * @param owner the new owner, where it changes too
 */
export async function writeLegacyRow(
  tx: Queryable,
  stores: Stores,
  id: string,
  raw: string,
  owner?: string,
): Promise<WrittenRow> {
  const { legacy } = stores;
  const touched = legacy.updatedAt ? `, ${legacy.updatedAt.quoted} = now()` : '';
  const raised = legacy.revision
    ? `, ${legacy.revision.quoted} = coalesce(t.${legacy.revision.quoted}, 0) + 1`
    : '';
  const owned = owner === undefined ? '' : `, ${legacy.owner.quoted} = $3::text::${typeSql(legacy.owner)}`;
  const { rows } = await tx.query<WrittenRow>(
    // Read once, and not by each who asks: to read JSON takes longer than to write it.
    `with own as materialized (select set_config('dualpath.own', 'on', true),
                                      $2::text::${typeSql(legacy.content)} as sent)
     update ${legacy.quoted} t set ${legacy.content.quoted} = own.sent${touched}${raised}${owned} from own
      where t.${legacy.id.quoted} = $1::text::${typeSql(legacy.id)}
      returning ${legacy.revision ? `t.${legacy.revision.quoted}::text` : 'null::text'} as revision, t.xmin::text as xmin, ${placeSql('t')} as place,
                case when ${isAltered(legacy.content)} then t.${legacy.content.quoted}::text end as altered,
                (extract(epoch from clock_timestamp() - statement_timestamp()) * 1000)::float8 as "tookMs"`,
    owner === undefined ? [id, raw] : [id, raw, owner],
  );
  const [row] = rows;
  if (!row) throw new Error('the legacy row went away while it was held');
  return row;
}

/** Tells one version of a row from every other one, within a transaction, too. */
export const placeSql = (table: string): string => `${table}.tableoid::text || ${table}.ctid::text`;

/** Change capture passes over what `write` does at the first trigger depth: it is ours. */
export async function underOwnMark<T>(tx: Queryable, write: () => Promise<T>): Promise<T> {
  await tx.query(`select set_config('dualpath.own', 'on', true)`);
  const written = await write();
  await endOwnWrite(tx);
  return written;
}

/** From here on the transaction's writes of the legacy table are captured like anybody's. As an expression of a statement. */
export const END_OWN_WRITE = `set_config('dualpath.own', '', true)`;

export async function endOwnWrite(tx: Queryable): Promise<void> {
  await tx.query(`select ${END_OWN_WRITE}`);
}

/**
 * Writes content to the legacy row and nothing beside it: for whoever writes no record in the same statement. What the
 * application's triggers did after it is read back.
 */
export async function writeLegacyContent(
  tx: Queryable,
  stores: Stores,
  id: string,
  raw: string,
  owner?: string,
): Promise<WrittenRow> {
  const written = await writeLegacyRow(tx, stores, id, raw, owner);
  const { legacy } = stores;
  const { rows } = await tx.query<Omit<WrittenRow, 'altered' | 'tookMs'>>(
    `select ${legacy.revision ? `t.${legacy.revision.quoted}::text` : 'null::text'} as revision, t.xmin::text as xmin,
            ${placeSql('t')} as place, ${END_OWN_WRITE}
       from ${legacy.quoted} t where t.${legacy.id.quoted} = $1::text::${typeSql(legacy.id)}`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error('the legacy row went away while it was held');
  return { ...written, revision: row.revision, xmin: row.xmin, place: row.place };
}

/**
 * The very same bytes are what was written, which is soon told; others may be equal. jsonb has an equality of its own, json and
 * text are compared letter by letter.
 */
const isAltered = (content: Column): string => {
  const is = `t.${content.quoted}`;
  const differs =
    content.type === 'jsonb'
      ? `${is} is distinct from own.sent`
      : `${is}::text collate "C" is distinct from own.sent::text collate "C"`;
  return `not record_image_eq(row(${is}), row(own.sent)) and ${differs}`;
};
