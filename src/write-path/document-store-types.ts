import type { Authority } from '../core/model.ts';

/** The content of a document as its editor has it: JSON for `prosemirror` and `quill`, a string for `markdown` and `text`. */
export type DocumentContent = unknown;

export interface SaveInput {
  /** As the legacy table has it, as text. */
  readonly id: string;
  /** The whole document. JSON may also be given as its text. */
  readonly content: DocumentContent;
  /**
   * The `revision` of the load or save that the client showed when the editing began: the base of this save. Null, as a load gives
   * it where the table keeps none: the device's record counts.
   */
  readonly baseRevision?: number | null;
  /** Names the device, for the base of a client that sends none, and for evidence. */
  readonly deviceId?: string;
  /** Names this save among the device's, so that sending it again changes nothing. */
  readonly saveId?: string;
  /** The new owner, where the save changes it too. */
  readonly owner?: string;
}

export interface SaveResult {
  /**
   * The number of what the client sent, to base its next save on if it goes on showing that. Null where the table keeps
   * none and the document never was in a started cohort.
   */
  readonly revision: number | null;
  /**
   * What the document is now, for a client that shows it instead: its next save names this revision. One that names none is taken to
   * go on showing what it sent.
   */
  readonly head: { readonly revision: number | null; readonly content: DocumentContent };
  readonly outcome: 'saved' | 'merged' | 'overwrote' | 'unchanged' | 'duplicate' | 'quarantined';
  /** For `dualpath conflicts show`. */
  readonly conflict?: string;
}

export interface LoadInput {
  readonly id: string;
  readonly deviceId?: string;
}

export interface LoadResult {
  readonly content: DocumentContent;
  readonly revision: number | null;
  /** Which store is right for this document. */
  readonly authority: Authority;
  /** Which editor to open it with. */
  readonly path: WritePath;
}

export type WritePath = 'legacy' | 'local-first';

export interface PathInput {
  readonly id: string;
  /** Whom the flag is asked about where the document has no owner. */
  readonly user: string;
}

export interface PushInput {
  readonly id: string;
  readonly deviceId: string;
  /** Counts the updates of this session upwards, from 0 or 1. */
  readonly seq: number;
  /** Yjs, V1. */
  readonly update: Uint8Array;
  /** Of the installation: kept beside the updates, so that a restored backup has the epoch of its time. */
  readonly epoch?: string;
  /** Of the running editor. */
  readonly session?: string;
  /** As `pull` gave it. A push of an earlier life of the document is kept and answered `lineage-ended`. */
  readonly lineage?: string;
  /**
   * The `serverSeq` of the last pull before the first edit in the update; what the session pushed itself is taken to be there, too.
   * Without it the server goes by what it noted of the device, and guesses where that cannot be. A device does best to push what
   * it has before it pulls.
   */
  readonly baseSeq?: number;
  /**
   * How far the replica had come when it made the update, as `Y.encodeStateVector` gives it, for a client that knows no
   * `serverSeq`; it may count the update itself. What the log holds up to there is the base.
   */
  readonly stateVector?: Uint8Array;
  /** SHA-256(nonce ‖ update), chained: over that of the update before. For evidence; checked where `nonce` is given. */
  readonly commit?: Uint8Array;
  readonly prevCommit?: Uint8Array;
  readonly nonce?: Uint8Array;
}

export interface PushResult {
  /** The number of the update in the log. */
  readonly serverSeq: number;
  /** Of the document now. */
  readonly stateVector: Uint8Array;
  readonly outcome: 'applied' | 'merged' | 'duplicate' | 'pending' | 'quarantined';
  /** Of a duplicate: what became of the first. */
  readonly fate?: 'applied' | 'merged' | 'pending' | 'quarantined';
  readonly conflict?: string;
}

export interface PullInput {
  readonly id: string;
  readonly deviceId: string;
  /** As `Y.encodeStateVector` gives it; without it the whole document comes. */
  readonly stateVector?: Uint8Array;
  readonly epoch?: string;
  readonly session?: string;
}

export interface PullResult {
  /** Yjs, V1: everything that the state vector lacks. */
  readonly update: Uint8Array;
  readonly stateVector: Uint8Array;
  readonly lineage: string;
  /** The newest update in it. */
  readonly serverSeq: number;
}

export interface HeartbeatInput {
  readonly id: string;
  readonly deviceId: string;
  readonly epoch?: string;
  readonly session?: string;
  /** The newest seq that the device has made, and the newest it has seen acknowledged. */
  readonly head?: number;
  readonly acknowledged?: number;
  /** The commit of `head`. */
  readonly commit?: Uint8Array;
  readonly pendingBytes?: number;
  /** How long the oldest pending update has waited, in milliseconds. */
  readonly pendingMs?: number;
  readonly durability?: 'memory' | 'stored';
  readonly appVersion?: string;
  /** By the device's own clock. */
  readonly wallTime?: Date;
  readonly sinceBootMs?: number;
}
