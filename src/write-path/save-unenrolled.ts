import { documentKey } from '../documents/document-key.ts';
import { keyedFingerprint } from '../documents/receipts.ts';
import { writeUnenrolled } from '../documents/unenrolled.ts';
import type { CallOptions, StoreContext } from './context.ts';
import type { SaveInput, SaveResult } from './document-store-types.ts';
import { numberOf } from './results.ts';
import type { Sent } from './sent-content.ts';
import { transact } from './transact.ts';

/**
 * Saves a document that never was in a started cohort as the application always did: one statement, the last writer
 * wins. Null where it is no such document, or is to be seen first whether the same save was done before.
 */
export async function saveUnenrolled(
  context: StoreContext,
  input: SaveInput,
  read: () => Sent,
  options: CallOptions,
): Promise<SaveResult | null> {
  const { stores, receiptKey, linked } = context;
  if (linked.has(input.id) || input.saveId !== undefined) return null;
  const { raw, fingerprint } = read();
  const write = (db: Parameters<typeof writeUnenrolled>[0]) =>
    writeUnenrolled(db, stores, input.id, raw, input.owner, {
      document: documentKey(input.id),
      kind: 'save',
      device: input.deviceId ?? null,
      outcome: 'saved',
      bytes: Buffer.byteLength(raw),
      fingerprint: keyedFingerprint(receiptKey, fingerprint),
    });
  const written = await transact(context, options, false, write);
  if (written === null) return null;
  const revision = numberOf(written.revision);
  const overwrote = input.baseRevision != null && written.replaced !== String(input.baseRevision);
  return {
    revision,
    head: { revision, content: input.content },
    outcome: overwrote ? 'overwrote' : 'saved',
  };
}
