import { writeLegacyRow } from '../documents/legacy-write.ts';
import type { Receipt } from '../documents/receipts.ts';
import { type RowSide, recordWrite } from '../documents/record-write.ts';
import type { Stores } from '../documents/stores.ts';
import { applyUpdate, type Content, encodeChange, readLegacy, writeLegacy } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { LevelDocument } from './hold.ts';
import { numberedAlone } from './results.ts';
import { hashOf } from './seed.ts';

/**
 * Writes a content that no client sent as the next version of a document that the caller holds: legacy row, Yjs state, raw
 * update, link and receipt as one. Whatever the row's triggers make of it becomes the content of both stores.
 * @returns the application's number of it, or ours where it keeps none
 */
export async function writeForward(
  tx: Queryable,
  stores: Stores,
  sides: LevelDocument,
  content: Content,
  receipt: Receipt,
): Promise<string | null> {
  const { link, row } = sides;
  const { side, target, revision } = await writeRow(tx, stores, sides, content);
  const payload = encodeChange(sides.state, target, stores.shape, {
    documentId: link.id,
    lineage: link.lineage,
    revision: link.head,
    purpose: 'repair',
  });
  const state = applyUpdate(sides.state, payload);
  const head = String(BigInt(link.head) + 1n);
  const version = String(BigInt(link.version) + 1n);
  const cohort = row.cohort ?? link.cohort;
  const recorded = await recordWrite(tx, stores, {
    link,
    state,
    stateHash: hashOf(state),
    log: [{ seq: head, payload, origin: 'repair', push: null, links: true }],
    version,
    fingerprint: target.fingerprint,
    legacyRevision: revision,
    head,
    cohort,
    owner: row.owner,
    row: side,
    // Who had what before it cannot be known of a plain write that comes after this.
    merged: true,
    device: null,
    served: null,
    receipt: { ...receipt, cohort, revision, version, seq: head, headBefore: link.head, headAfter: head },
  });
  return stores.legacy.revision ? recorded.revision : version;
}

async function writeRow(
  tx: Queryable,
  stores: Stores,
  { link, row, stage }: LevelDocument,
  content: Content,
): Promise<{ readonly side: RowSide; readonly target: Content; readonly revision: string | null }> {
  if (stage === 'completed') {
    const fingerprint = link.rowFingerprint ?? link.fingerprint;
    return {
      side: { left: { xmin: row.xmin, fingerprint } },
      target: content,
      revision: numberedAlone(stores, link, 1n),
    };
  }
  const { xmin, place, altered, revision } = await writeLegacyRow(tx, stores, link.id, writeLegacy(content));
  const target = altered === null ? content : readLegacy(stores.shape.format, altered);
  return { side: { xmin, place }, target, revision };
}
