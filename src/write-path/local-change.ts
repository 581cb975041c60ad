import type { Stores } from '../documents/stores.ts';
import { type Content, changeUnread, type UnreadChange } from '../formats/index.ts';
import type { LevelDocument } from './hold.ts';
import { attempt } from './meanwhile.ts';

/** The change of a local-first state to a content, worked out before it is known that the row holds that content. */
export interface LocalChange {
  /** Works it out towards what is meant. What goes wrong in it is thrown by `to`. */
  prepare(): void;
  /**
   * The change to what the row holds: as it was prepared, unless a trigger of the application's made something else of it.
   * @throws UndecodableError
   */
  to(target: Content): UnreadChange;
  /** Milliseconds that all of this took. */
  readonly tookMs: number;
}

export function changeOf(
  { shape }: Stores,
  { state, link }: LevelDocument,
  purpose: 'save',
  meant: Content,
): LocalChange {
  let prepared: (() => UnreadChange) | null = null;
  let tookMs = 0;
  const work = (target: Content): UnreadChange => {
    const startedAt = performance.now();
    try {
      return changeUnread(state, target, shape, {
        documentId: link.id,
        lineage: link.lineage,
        revision: link.head,
        purpose,
      });
    } finally {
      tookMs += performance.now() - startedAt;
    }
  };
  return {
    prepare() {
      prepared = attempt(() => work(meant));
    },
    to: (target) => (prepared !== null && target.canonical === meant.canonical ? prepared() : work(target)),
    get tookMs() {
      return tookMs;
    },
  };
}
