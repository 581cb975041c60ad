import { cameBefore, type PushFacts, readSeed } from '../documents/pushes.ts';
import { hasPulled, notePulledLess } from '../documents/sessions.ts';
import type { Stores } from '../documents/stores.ts';
import { hasSeen, type Reading } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { PushInput } from './document-store-types.ts';
import type { LevelDocument } from './hold.ts';
import type { Asked } from './plan-push.ts';
import { replicaBefore, sessionOf } from './replica-of.ts';
import type { Waited } from './replica-search.ts';
import { hashOf } from './seed.ts';

/** What planning a push may want to know of its device. */
export const askAbout = (
  tx: Queryable,
  stores: Stores,
  sides: LevelDocument,
  input: PushInput & Waited,
  { owners, isBehind }: Pick<PushFacts, 'owners' | 'isBehind'>,
  reading: Reading,
): Asked => ({
  reading,
  update: input.update,
  device: input.deviceId,
  owners,
  // What a client knew when it came says more than that its server pulled for it.
  hasPulled: async () =>
    input.stateVector
      ? hasSeen(input.stateVector, sides.state)
      : hasPulled(tx, sides.link.id, input.deviceId),
  seed: () => readSeed(tx, sides.link.id),
  cameBefore: () => cameBefore(tx, sides.link.id, input.deviceId, hashOf(input.update)),
  replica: async () => {
    const replica = await replicaBefore(tx, stores, sides, input);
    if (replica.doubted !== null && input.arrivedAt === undefined)
      await notePulledLess(tx, sessionOf(sides.link.id, input), replica.doubted);
    return replica;
  },
  // Where nobody else wrote since what it names, there is nothing to know.
  knowsReplica: input.stateVector !== undefined || isBehind,
});
