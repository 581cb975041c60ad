import * as Y from 'yjs';

/** What a client brings in one message or in several that wait together. */
export interface Brought {
  readonly update: Uint8Array;
  /** It is everything that the client made before it came. */
  readonly all: boolean;
}

/** One push takes the database as long as ten updates of one letter take it. */
const MAX_TOGETHER = 256 * 1024;

export const fitsWith = (waiting: readonly Brought[], { update }: Brought): boolean =>
  waiting.reduce((bytes, each) => bytes + each.update.length, update.length) <= MAX_TOGETHER;

/** Several as one; they are sound, and their client learned nothing between them. */
export function joined(waiting: readonly Brought[]): Brought {
  const [only, ...others] = waiting;
  if (only !== undefined && others.length === 0) return only;
  return {
    update: Y.mergeUpdates(waiting.map(({ update }) => update)),
    all: waiting.some(({ all }) => all),
  };
}
