/** The bytes of a document's local-first state under their SHA-256. */
export interface KnownState {
  readonly hash: Uint8Array;
  readonly state: Uint8Array;
}

/**
 * The states that were read or written last. A state is known by its hash, so whatever became of the transaction that it
 * was part of, nobody is given another than the database holds: it only spares sending and opening what it holds still.
 */
export interface RecentStates {
  get(id: string): KnownState | undefined;
  set(id: string, known: KnownState): void;
}

/** A document that is open takes some twenty times its bytes. */
const MOST_BYTES = 4 * 1024 * 1024;

export function createRecentStates(mostBytes = MOST_BYTES): RecentStates {
  const known = new Map<string, KnownState>();
  let bytes = 0;
  const remove = (id: string) => {
    bytes -= known.get(id)?.state.byteLength ?? 0;
    known.delete(id);
  };
  return {
    get: (id) => known.get(id),
    set(id, entry) {
      remove(id);
      known.set(id, entry);
      bytes += entry.state.byteLength;
      for (const oldest of known.keys()) {
        if (bytes <= mostBytes) return;
        remove(oldest);
      }
    },
  };
}
