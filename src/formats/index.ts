/** Content, pure: canonical form, legacy formats, seeds, decoding, minimal changes. */
export { changeState, changeUnread, encodeChange, type StateChange, type UnreadChange } from './change.ts';
export { clientIdOf, clientIdsIn, type SeedIdentity, type StateShape } from './client-id.ts';
export { closest, hasWords } from './closest.ts';
export { type Content, contentOf, readLegacy, readValue, writeLegacy } from './content.ts';
export { decodeState } from './decode.ts';
export { alignBlocks, type BlockRow } from './merge/align-blocks.ts';
export { compareWords, countChangedWords, countWords, type Stretch } from './merge/compare-words.ts';
export { type Merge, type MergeReason, merge3 } from './merge/merge.ts';
export {
  ByteReader,
  buildsOn,
  contentWithoutEmbeds,
  deletesAny,
  deletionsOf,
  diffSince,
  doubtsOf,
  hasSeen,
  heldPart,
  heldUpdates,
  type Integrated,
  inspectUpdate,
  integrateUpdate,
  isDifference,
  isLevelWith,
  isPossible,
  lacks,
  missingFor,
  type Reading,
  RejectedUpdateError,
  replicaAt,
  replicaOfWhatFits,
  stateVectorOf,
  strandedTexts,
  takePart,
  tellsOf,
  withDeletionsKnown,
  withOwnDeletions,
  withoutDeletions,
  writersOf,
  writesAny,
} from './push/index.ts';
export { isTwice, repeats, runsIn } from './repeats.ts';
export { replay } from './replay.ts';
export { rescue } from './rescue.ts';
export { encodeSeed } from './seed.ts';
export { UndecodableError } from './undecodable-error.ts';
export { countUnmirrored } from './unmirrored.ts';
export { applyUpdate, EMPTY_UPDATE, mergeUpdates, newSince } from './yjs-state.ts';
