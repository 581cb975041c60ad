import type { Queryable } from '../postgres/queryable.ts';
import type { NewConflict } from './conflicts.ts';

/** Which content a conflict was closed with. */
export const RESOLUTIONS = ['merged', 'local-first', 'legacy'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** A conflict as it was recorded. Contents are ids of kept versions, null where there was none. */
export interface ConflictRecord extends NewConflict {
  readonly id: string;
  readonly at: Date;
  readonly resolvedAt: Date | null;
  readonly resolvedBy: string | null;
  readonly resolution: Resolution | null;
}

const COLUMNS = `id::text as id, document_id as document, cohort, class, reasons, origin, device_id as device,
  base_known as "baseKnown", base::text as base, ours::text as ours, theirs::text as theirs, result::text as result,
  version::text as version, at, resolved_at as "resolvedAt", resolved_by as "resolvedBy", resolution`;

/** Open ones first: those that want a person, then what is only to be known; each the newest first. */
const ORDER = `resolved_at is not null,
  case when resolved_at is null then array_position(array['needs-review', 'quarantine', 'notice'], class) end,
  coalesce(resolved_at, at) desc, conflicts.id desc`;

export async function readConflicts(db: Queryable, limit: number): Promise<readonly ConflictRecord[]> {
  const { rows } = await db.query<ConflictRecord>(
    `select ${COLUMNS} from dualpath.conflicts order by ${ORDER} limit $1::int`,
    [limit],
  );
  return rows;
}

/** Of one document, the newest first. */
export async function readConflictsOf(db: Queryable, document: string): Promise<readonly ConflictRecord[]> {
  const { rows } = await db.query<ConflictRecord>(
    `select ${COLUMNS} from dualpath.conflicts where document_id = $1::text order by conflicts.id desc`,
    [document],
  );
  return rows;
}

/** How many there are of each kind. */
export interface ConflictCounts {
  readonly open: { readonly needsReview: number; readonly quarantine: number; readonly notice: number };
  readonly resolved: number;
}

export async function countConflicts(db: Queryable): Promise<ConflictCounts> {
  const { rows } = await db.query<Record<string, number>>(
    `select count(*) filter (where resolved_at is null and class = 'needs-review')::int as review,
            count(*) filter (where resolved_at is null and class = 'quarantine')::int as quarantine,
            count(*) filter (where resolved_at is null and class = 'notice')::int as notice,
            count(resolved_at)::int as resolved
       from dualpath.conflicts`,
  );
  const { review = 0, quarantine = 0, notice = 0, resolved = 0 } = rows[0] ?? {};
  return { open: { needsReview: review, quarantine, notice }, resolved };
}

/** @param id any text: what is no number of a conflict finds none */
export async function readConflict(db: Queryable, id: string): Promise<ConflictRecord | null> {
  if (!/^\d{1,18}$/.test(id)) return null;
  const { rows } = await db.query<ConflictRecord>(
    `select ${COLUMNS} from dualpath.conflicts where id = $1::bigint`,
    [id],
  );
  return rows[0] ?? null;
}

export const CONFLICT_SIDES = ['base', 'legacy', 'local-first', 'result'] as const;
export type ConflictSide = (typeof CONFLICT_SIDES)[number];

/**
 * The path by which it came: a save and a plain write are of the legacy path, a push is of the local-first one. The other
 * side is the document as it stood.
 */
export const sideThatCame = ({ origin }: Pick<ConflictRecord, 'origin'>): 'legacy' | 'local-first' =>
  origin === 'push' ? 'local-first' : 'legacy';

export const sideThatStood = (conflict: Pick<ConflictRecord, 'origin'>): 'legacy' | 'local-first' =>
  sideThatCame(conflict) === 'legacy' ? 'local-first' : 'legacy';

/** The kept version of each side. */
export function versionsOfSides(conflict: ConflictRecord): Readonly<Record<ConflictSide, string | null>> {
  const { base, ours, theirs, result } = conflict;
  return sideThatCame(conflict) === 'legacy'
    ? { base, legacy: theirs, 'local-first': ours, result }
    : { base, legacy: ours, 'local-first': theirs, result };
}

/** Closes an open conflict; false: it was closed before. */
export async function closeConflict(
  tx: Queryable,
  id: string,
  resolution: Resolution,
  by: string,
): Promise<boolean> {
  const { rows } = await tx.query(
    `update dualpath.conflicts set resolved_at = now(), resolved_by = $3::text, resolution = $2::text
      where id = $1::bigint and resolved_at is null returning id`,
    [id, resolution, by],
  );
  return rows.length > 0;
}

/** The update that a conflict of class `quarantine` is about; of several, the last, which builds on the others. */
export interface RefusedUpdate {
  /** So many updates are of the conflict. */
  readonly updates: number;
  readonly seq: string;
  readonly payload: Uint8Array;
  /** Why it is not part of the document; null: it is by now. */
  readonly apart: string | null;
}

export async function readRefusedUpdate(
  db: Queryable,
  { document, id }: Pick<ConflictRecord, 'document' | 'id'>,
): Promise<RefusedUpdate | null> {
  const { rows } = await db.query<RefusedUpdate>(
    `select u.seq::text as seq, u.payload, u.apart, count(*) over ()::int as updates
       from dualpath.receipts r join dualpath.updates u on u.document_id = r.document_id and u.seq = r.seq
      where r.document_id = $1::text and r.conflict = $2::bigint and r.kind = 'push'
      order by u.seq desc limit 1`,
    [document, id],
  );
  return rows[0] ?? null;
}

/** Contents of kept versions by their ids. */
export async function readVersions(
  db: Queryable,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = ids.filter((id) => id !== null);
  if (wanted.length === 0) return new Map();
  const { rows } = await db.query<{ id: string; content: string }>(
    `select id::text as id, content from dualpath.versions where id = any($1::bigint[])`,
    [wanted],
  );
  return new Map(rows.map(({ id, content }) => [id, content]));
}
