import { cohortSql } from '../documents/membership.ts';
import type { Stores } from '../documents/stores.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { SchoolDocument } from './school-day.ts';

/** The documents of a cohort. Nobody changes hands during the demo. */
export interface SchoolClass {
  readonly cohort: string;
  /** Those with some paragraphs, and not too many, first: there is room for several writers in them. */
  readonly documents: readonly SchoolDocument[];
}

/** In rollout order; a cohort without documents is a class without any. */
export async function classesOf(db: Queryable, stores: Stores): Promise<readonly SchoolClass[]> {
  const { rows } = await db.query<{ cohort: string; documents: SchoolDocument[] }>(
    `select live as cohort, jsonb_agg(jsonb_build_object('id', id, 'owner', owner_id) order by not handy, id) as documents
       from (select d.id, d.owner_id, ${cohortSql(stores, 'd.owner_id')} as live,
                    jsonb_array_length(d.content -> 'content') between 8 and 40 as handy
               from public.documents d) each
      where live is not null group by live`,
  );
  return stores.config.cohorts.map(({ name }) => ({
    cohort: name,
    documents: rows.find(({ cohort }) => cohort === name)?.documents ?? [],
  }));
}
