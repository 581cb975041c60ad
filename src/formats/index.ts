/** Content, pure: canonical form, legacy formats, seeds, decoding, minimal changes. */
export { encodeChange } from './change.ts';
export { clientIdOf, clientIdsIn, type SeedIdentity, type StateShape } from './client-id.ts';
export { type Content, readLegacy, writeLegacy } from './content.ts';
export { decodeState } from './decode.ts';
export { alignBlocks } from './merge/align-blocks.ts';
export { type Merge, type MergeClass, type MergeReason, merge3 } from './merge/merge.ts';
export { encodeSeed } from './seed.ts';
export { UndecodableError } from './undecodable-error.ts';
export { applyUpdate, mergeUpdates, newSince } from './yjs-state.ts';
