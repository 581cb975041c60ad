import { randomUUID } from 'node:crypto';

/** One connection, in the words of the document store: its updates are counted, from 1. */
export interface Session {
  readonly session: string;
  seq: number;
  /** How far the client had come when it connected: the base of all that it made by then. Undefined when that is taken in. */
  cameWith: Uint8Array | undefined;
}

export const openSession = (): Session => ({ session: randomUUID(), seq: 0, cameWith: undefined });
