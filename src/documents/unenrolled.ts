import { STAGES } from '../core/model.ts';
import { isStarted } from '../core/stages.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { documentKey } from './document-key.ts';
import { keySql, typeSql, whereSql } from './legacy-sql.ts';
import { cohortSql } from './membership.ts';
import { insertReceiptSql, type Receipt, receiptValues } from './receipts.ts';
import type { Stores } from './stores.ts';
import { canBeId } from './supported-types.ts';

const STARTED = STAGES.filter(isStarted);

/** The numbers of the application's before and after the write. */
export interface UnenrolledWrite {
  readonly revision: string | null;
  readonly replaced: string | null;
}

/**
 * Writes the legacy row of a document that is in no started cohort and never was, with its receipt, in one statement; null
 * where it is not such a document. Change capture sees the write: its cohort may be starting at this moment.
 */
export async function writeUnenrolled(
  db: Queryable,
  stores: Stores,
  id: string,
  raw: string,
  owner: string | undefined,
  receipt: Receipt,
): Promise<UnenrolledWrite | null> {
  const { legacy } = stores;
  if (!canBeId(legacy.id, id)) return null;
  const { revision } = legacy;
  const values = [id, raw, documentKey(id), STARTED, ...(owner === undefined ? [] : [owner])];
  const assignments = [
    `${legacy.content.quoted} = $2::text::${typeSql(legacy.content)}`,
    ...(legacy.updatedAt ? [`${legacy.updatedAt.quoted} = now()`] : []),
    ...(revision ? [`${revision.quoted} = coalesce(t.${revision.quoted}, 0) + 1`] : []),
    ...(owner === undefined ? [] : [`${legacy.owner.quoted} = $5::text::${typeSql(legacy.owner)}`]),
  ];
  const numberSql = (of: string): string => (revision ? `${of}.${revision.quoted}::text` : 'null::text');
  const { rows } = await db.query<UnenrolledWrite>(
    `with found as materialized (
       select ${legacy.id.quoted} as dp_id, ${keySql(legacy)} as dp_key, ${legacy.owner.quoted}::text as dp_owner,
              ${revision ? `${revision.quoted}::text` : 'null::text'} as dp_revision
         from ${legacy.quoted}
        where ${legacy.id.quoted} = $1::text::${typeSql(legacy.id)} and ${whereSql(legacy)}
          and not exists (select from dualpath.documents d where d.id = $3::text)
          and not exists (select from dualpath.quarantine q where q.document_id = $3::text)
        for no key update
     ), free as (
       select * from found f
        where not exists (select from dualpath.documents d where d.id = f.dp_key)
          and not exists (select from dualpath.cohorts c
                           where c.stage = any($4::text[]) and c.name = ${cohortSql(stores, 'f.dp_owner')})
     ), written as (
       update ${legacy.quoted} t set ${assignments.join(', ')} from free f where t.${legacy.id.quoted} = f.dp_id
       returning ${numberSql('t')} as revision, f.dp_revision as replaced
     ), receipt as (
       ${insertReceiptSql(values.length, { from: 'written', revision: 'written.revision::bigint' })}
     )
     select revision, replaced from written`,
    [...values, ...receiptValues(receipt)],
  );
  return rows[0] ?? null;
}
