/** Taking in the updates of devices, pure: limits, integration on a scratch copy, what replicas held. */
export { buildsOn, lacks } from './builds-on.ts';
export { ByteReader } from './byte-reader.ts';
export { deletesAny, doubtsOf, isPossible, writesAny } from './doubts.ts';
export { heldPart } from './held-part.ts';
export { deletionsOf, heldUpdates } from './held-updates.ts';
export { inspectUpdate } from './inspect-update.ts';
export { clientsOf, type Integrated, integrateUpdate, type Reading } from './integrate-update.ts';
export { missingFor } from './missing.ts';
export {
  isDifference,
  tellsOf,
  withDeletionsKnown,
  withOwnDeletions,
  withoutDeletions,
} from './own-deletions.ts';
export { RejectedUpdateError, type RejectionReason } from './rejected-update-error.ts';
export {
  diffSince,
  hasSeen,
  isLevelWith,
  replicaAt,
  replicaOfWhatFits,
  stateVectorOf,
  writersOf,
} from './replica.ts';
export { strandedTexts } from './stranded.ts';
export { takePart } from './take-part.ts';
export { contentWithoutEmbeds } from './without-embeds.ts';
