import type { Receipt } from '../documents/receipts.ts';
import type { Sides } from '../documents/sides.ts';
import type { PushInput } from './document-store-types.ts';

/** What is known of a push before anything became of it. */
export const receiptOf = (sides: Sides, input: PushInput): Receipt => ({
  document: sides.key,
  kind: 'push',
  cohort: sides.link?.cohort ?? null,
  device: input.deviceId,
  bytes: input.update.byteLength,
  headBefore: sides.link?.head ?? null,
  named: {
    seq: input.seq,
    ...(input.epoch === undefined ? {} : { epoch: input.epoch }),
    ...(input.session === undefined ? {} : { session: input.session }),
    ...(input.commit === undefined ? {} : { commit: Buffer.from(input.commit).toString('hex') }),
  },
});
