import { writeReceipt } from '../documents/receipts.ts';
import { notePulled } from '../documents/sessions.ts';
import { DualpathError } from '../errors.ts';
import { diffSince, stateVectorOf } from '../formats/index.ts';
import type { StoreContext } from './context.ts';
import type { PullInput, PullResult } from './document-store-types.ts';
import { holdDocument, isSeeded } from './hold.ts';
import { deleted, notEnrolled, notFound, quarantined } from './missing-document.ts';
import { transact } from './transact.ts';

/**
 * Everything of a document that a replica lacks. A document of a started cohort that has no seed yet is seeded on the
 * spot; what was written past the library is taken in first. What the session pulled is noted: it is the base of its pushes.
 *
 * @throws DualpathError `not-found`, `deleted`, `not-enrolled`, `quarantined`, `update-rejected` for bytes that are no
 *   state vector, `locked`, `unavailable`
 */
export async function pull(context: StoreContext, input: PullInput): Promise<PullResult> {
  const { stores } = context;
  const pulled = await transact(context, {}, true, async (tx) => {
    const sides = await holdDocument(tx, stores, input.id, context.recent);
    const { link, row, held } = sides;
    if (row === null) throw link === null ? notFound(input.id) : deleted(input.id);
    // What was found to hold it stays on record: the next look at its path must say legacy.
    if (!isSeeded(sides)) return held ? quarantined(input.id, held.code) : notEnrolled(input.id);
    context.linked.add(input.id);
    const update = diffSince(sides.state, input.stateVector);
    await notePulled(
      tx,
      { document: sides.key, device: input.deviceId, epoch: input.epoch ?? '', session: input.session ?? '' },
      sides.link.lineage,
      sides.link.head,
    );
    await writeReceipt(tx, {
      document: sides.key,
      kind: 'pull',
      cohort: sides.link.cohort,
      device: input.deviceId,
      version: sides.link.version,
      headAfter: sides.link.head,
      bytes: update.byteLength,
      named: namedBy(input),
    });
    return {
      update,
      stateVector: stateVectorOf(sides.state),
      lineage: sides.link.lineage,
      serverSeq: Number(sides.link.head),
    };
  });
  if (pulled instanceof DualpathError) throw pulled;
  return pulled;
}

const namedBy = ({ epoch, session }: PullInput): Record<string, string> => ({
  ...(epoch === undefined ? {} : { epoch }),
  ...(session === undefined ? {} : { session }),
});
