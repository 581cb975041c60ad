/** The document store: both write paths, for an editor's server. Loads nothing of the command line. */
export { DualpathError } from './errors.ts';
export type { CallOptions } from './write-path/context.ts';
export {
  type DocumentStore,
  type DocumentStoreOptions,
  openDocumentStore,
} from './write-path/document-store.ts';
export type * from './write-path/document-store-types.ts';
export type { FlagClient, FlagContext } from './write-path/owner-flags.ts';
