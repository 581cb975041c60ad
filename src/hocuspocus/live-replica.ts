import * as Y from 'yjs';
import { DualpathError } from '../errors.ts';
import type { DocumentStore } from '../write-path/document-store.ts';
import type { Device } from './device-of.ts';
import { isLevelWith } from './holds-all.ts';
import type { LiveConnection, LiveDocument } from './server-types.ts';
import type { Session } from './session.ts';

/** What the extension needs of a document store. */
export type PushAndPull = Pick<DocumentStore, 'push' | 'pull'>;

/** A document in memory that holds what the database holds, and nothing that is not committed. */
export interface LiveReplica {
  /** Takes what is new in the database. */
  level(device: Device): Promise<void>;
  /** Commits an update, and holds it then. Clients are shown it under this origin; null: it is in memory already. */
  takeIn(update: Uint8Array, origin: unknown, session: Session, device: Device): Promise<void>;
  /** Is it the origin of what came from the database? */
  isOwn(origin: unknown): boolean;
}

/** @param isAnswered was the client told what it lacked? */
export function openReplica(
  documents: PushAndPull,
  document: LiveDocument,
  isAnswered: (connection: LiveConnection) => boolean,
): LiveReplica {
  const id = document.name;
  const fromDatabase = { source: 'dualpath' } as const;
  let lineage: string | undefined;
  /** The newest update of the log that memory holds; it holds all those before. */
  let head = -1;

  /**
   * The pull names no session. A session's pull would say that its client knew all of this when it made what it sends next;
   * the document store finds out from the update what its client must have known.
   */
  const level = async ({ deviceId }: Device): Promise<void> => {
    const pulled = await documents.pull({ id, deviceId, stateVector: Y.encodeStateVector(document) });
    if (lineage !== undefined && lineage !== pulled.lineage) throw lifeEnded(id);
    lineage = pulled.lineage;
    applyUnseen(document, pulled.update, fromDatabase, isAnswered);
    head = pulled.serverSeq;
  };

  return {
    level,
    isOwn: (origin) => origin === fromDatabase,
    async takeIn(update, origin, session, device) {
      session.seq += 1;
      const result = await documents.push({
        ...device,
        id,
        session: session.session,
        seq: session.seq,
        update,
        lineage,
        stateVector: session.cameWith,
      });
      const fate = result.fate ?? result.outcome;
      if (fate === 'quarantined') throw setApart(id, result.conflict);
      const isNext = result.serverSeq === head + 1;
      // Clients must get everything in the order of the log: their next updates are judged by that. A repair follows a merge.
      if (fate === 'merged' || !isNext) await level(device);
      if (fate === 'merged' || (fate !== 'pending' && !isNext)) return;
      applyUnseen(document, update, origin ?? fromDatabase, isAnswered);
      if (!isLevelWith(document, result.stateVector)) return level(device);
      head = Math.max(head, result.serverSeq);
    },
  };
}

/**
 * A client is shown nothing before it was answered: what it made offline comes with its next message, and text typed into a
 * paragraph that it then learned to be deleted would come as deleted text.
 */
function applyUnseen(
  document: LiveDocument,
  update: Uint8Array,
  origin: unknown,
  isAnswered: (connection: LiveConnection) => boolean,
): void {
  const { connections } = document;
  const waiting = [...connections].filter(([, { connection }]) => !isAnswered(connection));
  for (const [socket] of waiting) connections.delete(socket);
  try {
    Y.applyUpdate(document, update, origin);
  } finally {
    for (const [socket, entry] of waiting) connections.set(socket, entry);
  }
}

const setApart = (document: string, conflict: string | undefined): DualpathError =>
  new DualpathError(
    'update-refused',
    'The change is kept, but it could not become part of the document.',
    'Load the document anew; `dualpath conflicts list` says why.',
    { details: { document, ...(conflict === undefined ? {} : { conflict }) }, exitCode: 5 },
  );

const lifeEnded = (document: string): DualpathError =>
  new DualpathError(
    'lineage-ended',
    'The document was deleted and created again by another owner.',
    'Open it anew; what was pushed is kept.',
    { details: { document }, exitCode: 2 },
  );
