/** A Hocuspocus server that loads and stores through the document store. Loads nothing of Hocuspocus. */
export { DualpathError } from './errors.ts';
export { type DualpathExtension, dualpathExtension } from './hocuspocus/extension.ts';
export type { PushAndPull } from './hocuspocus/live-replica.ts';
export type * from './hocuspocus/server-types.ts';
