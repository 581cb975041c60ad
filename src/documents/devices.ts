import type { Queryable } from '../postgres/queryable.ts';

/** Tabs of one device that may show different versions at once; more than a person keeps open. */
const MOST_SERVED = 16;

/** The versions that this device may show; none where it never loaded or saved the document. */
export async function readServed(db: Queryable, id: string, device: string): Promise<readonly string[]> {
  const { rows } = await db.query<{ served: string[] }>(
    `select served::text[] as served from dualpath.devices where document_id = $1::text and device_id = $2::text`,
    [id, device],
  );
  return rows[0]?.served ?? [];
}

/**
 * A statement part that records that a device shows a version now. One that it replaces by its own save is shown no more;
 * one that it merely loaded may stand in another tab still.
 * @param place numbers of the parameters: document, device, version, replaced version or null
 */
export const noteServedSql = (place: readonly [number, number, number, number]): string => {
  const [id, device, version, replaced] = place.map((number) => `$${number}`);
  return `insert into dualpath.devices as o (document_id, device_id, served)
    select ${id}::text, ${device}::text, array[${version}::bigint] where ${device}::text is not null and ${version}::bigint is not null
    on conflict (document_id, device_id) do update set seen_at = now(), served = (
      select array_agg(v order by v) from (
        select distinct v from unnest(array_remove(o.served, ${replaced}::bigint) || ${version}::bigint) v
         order by v desc limit ${MOST_SERVED}) newest)`;
};

/** Nobody knows any more what a device shows. */
export async function forgetServed(db: Queryable, id: string, device: string): Promise<void> {
  await db.query(
    `update dualpath.devices set served = '{}' where document_id = $1::text and device_id = $2::text`,
    [id, device],
  );
}

export async function noteServed(db: Queryable, id: string, device: string, version: string): Promise<void> {
  await db.query(noteServedSql([1, 2, 3, 4]), [id, device, version, null]);
}
