import { randomUUID } from 'node:crypto';
import * as Y from 'yjs';
import type { DocumentStore, PushInput, PushResult } from '../index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { type Place, typeIntoReplica } from './places.ts';
import { untilAnswered } from './until-answered.ts';
import { acknowledgeWords, typeWord } from './written-words.ts';

type Server = Pick<DocumentStore, 'pull' | 'push'>;

/** The local-first editor on a device: it writes to its own replica, whether anybody can be reached or not. */
export interface Device {
  type(place: Place): Promise<void>;
  pull(): Promise<void>;
  /** Sends all that was typed since the last push as one update, or once more, the same, what nobody has answered yet. */
  push(through?: Server): Promise<PushResult>;
}

/** Opens a document: a replica of its own under a session of its own, filled from the server. */
export async function openDevice(
  db: Queryable,
  documents: Server,
  { id, device }: { readonly id: string; readonly device: string },
): Promise<Device> {
  const replica = new Y.Doc({ gc: false, guid: id });
  const names = { id, deviceId: device, session: randomUUID() };
  let lineage = '';
  let seq = 0;
  let pulled = 0;
  let base = 0;
  let unsent: Uint8Array[] = [];
  const typed: string[] = [];
  let unanswered: { readonly push: PushInput; readonly words: readonly string[] } | null = null;
  replica.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin === names) return;
    if (unsent.length === 0) base = pulled;
    unsent.push(update);
  });
  const pull = async (): Promise<void> => {
    const stateVector = Y.encodeStateVector(replica);
    const answer = await untilAnswered(() => documents.pull({ ...names, stateVector }));
    lineage = answer.lineage;
    pulled = answer.serverSeq;
    Y.applyUpdate(replica, answer.update, names);
  };
  const next = (): PushInput => {
    seq += 1;
    const update = Y.mergeUpdates(unsent);
    unsent = [];
    return { ...names, seq, update, lineage, baseSeq: base };
  };
  await pull();
  return {
    pull,
    async type(place) {
      const word = await typeWord(db, id);
      typed.push(word);
      typeIntoReplica(replica.getXmlFragment('default'), word, place);
    },
    async push(through = documents) {
      unanswered ??= { push: next(), words: typed.splice(0) };
      const { push, words } = unanswered;
      const pushed = await untilAnswered(() => through.push(push));
      unanswered = null;
      await acknowledgeWords(db, words);
      return pushed;
    },
  };
}
