import type { Queryable } from '../postgres/queryable.ts';
import type { Receipt } from './receipts.ts';

/** What became of a save. */
export interface SavedBefore {
  readonly revision: string | null;
  readonly outcome: string;
  readonly conflict: string | null;
}

/** The same save of the same device, done before; null where it names none or bears another content. */
export async function savedBefore(
  db: Queryable,
  id: string,
  { saveId, device, fingerprint }: Receipt,
): Promise<SavedBefore | null> {
  if (saveId == null) return null;
  const { rows } = await db.query<SavedBefore>(
    `select revision::text as revision, outcome, conflict::text as conflict from dualpath.receipts
      where document_id = $1::text and coalesce(device_id, '') = coalesce($2::text, '') and save_id = $3::text
        and fingerprint = $4::bytea and kind = 'save'`,
    [id, device, saveId, fingerprint],
  );
  return rows[0] ?? null;
}
