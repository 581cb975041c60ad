/** Taking in the updates of devices, pure: limits, integration on a scratch copy, what replicas held. */
export { ByteReader } from './byte-reader.ts';
export { heldUpdates } from './held-updates.ts';
export { deletesAny, hiddenBy } from './hidden.ts';
export { inspectUpdate } from './inspect-update.ts';
export { clientsOf, type Integrated, integrateUpdate } from './integrate-update.ts';
export { canHaveKnown } from './knew.ts';
export { missingFor } from './missing.ts';
export { isDifference, withOwnDeletions } from './own-deletions.ts';
export { RejectedUpdateError, type RejectionReason } from './rejected-update-error.ts';
export { diffSince, hasSeen, replicaAt, stateVectorOf, writersOf } from './replica.ts';
export { takePart } from './take-part.ts';
