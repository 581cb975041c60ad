import * as Y from 'yjs';
import { DualpathError } from '../errors.ts';
import { type Brought, fitsWith, joined } from './brought.ts';
import { type Device, UNNAMED } from './device-of.ts';
import { holdsAll } from './holds-all.ts';
import { followKnowledge, type Learned } from './knowledge.ts';
import { openReplica, type PushAndPull } from './live-replica.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import type { LiveConnection, LiveDocument } from './server-types.ts';
import { openSession, type Session } from './session.ts';

/** One document that the server holds in memory. Whatever is done with it waits for what was asked before. */
export interface Room {
  readonly document: LiveDocument;
  /** Fills a document just opened. */
  load(device: Device): Promise<void>;
  /** Before a client is answered that says how far it has come. */
  answer(connection: LiveConnection, device: Device, stateVector: Uint8Array): Promise<void>;
  /** Commits what a client brings, then shows it to everybody. Whoever waits for it may acknowledge. */
  take(connection: LiveConnection, device: Device, brought: Brought): Promise<void>;
  /** Shows everybody what others wrote to the database. */
  refresh(): Promise<void>;
  /** Commits what the server's own code changed in memory. */
  store(): Promise<void>;
}

interface Client {
  readonly session: Session;
  readonly learns: (update: Uint8Array) => Learned;
  /** It was told what it lacked. */
  answered: boolean;
  /** Why it was turned away. */
  refusal: Refusal | null;
}

/** Messages of one client, who learned nothing between them, that wait for their turn: they take it together. */
interface Waiting {
  readonly connection: LiveConnection;
  readonly messages: Brought[];
  readonly done: Promise<void>;
}

/** Of what another server took in, by Hocuspocus's own extension for Redis. */
const FROM_REDIS = '__hocuspocus__redis__origin__';

/** Where everything that changes a document in memory goes through, one after the other. */
export function openRoom(documents: PushAndPull, document: LiveDocument): Room {
  const clients = new WeakMap<LiveConnection, Client>();
  const own = openSession();
  const replica = openReplica(
    documents,
    document,
    (connection) => clients.get(connection)?.answered ?? false,
  );
  const ownLearns = followKnowledge();
  /** What the server's own code changed, in parts between which its memory learned something. */
  const unsaved: Uint8Array[][] = [];
  let last: Promise<unknown> = Promise.resolve();
  let waiting: Waiting | null = null;

  document.on('update', (update: Uint8Array, origin: unknown) => {
    if (replica.isOwn(origin) || origin === FROM_REDIS) return;
    if (typeof origin === 'object' && origin !== null && clients.has(origin as LiveConnection)) return;
    const part = unsaved.at(-1);
    if (ownLearns(update) === 'same' && part !== undefined) part.push(update);
    else unsaved.push([update]);
  });

  const clientOf = (connection: LiveConnection): Client => {
    const found = clients.get(connection);
    if (found !== undefined) return found;
    const client = { session: openSession(), learns: followKnowledge(), answered: false, refusal: null };
    clients.set(connection, client);
    return client;
  };

  const queue = <T>(work: () => Promise<T>): Promise<T> => {
    waiting = null;
    const done = last.then(work);
    // Whoever asked hears of a failure; it is no concern of the next in line.
    last = done.catch(() => undefined);
    return done;
  };

  const storeUnsaved = async (): Promise<void> => {
    for (let part = unsaved.shift(); part !== undefined; part = unsaved.shift()) {
      try {
        await replica.takeIn(Y.mergeUpdates(part), null, own, UNNAMED);
      } catch (error) {
        // Refused for good, it is kept in the database and would be refused for ever.
        if (!isLasting(error)) unsaved.unshift(part);
        throw error;
      }
    }
  };

  const takeFrom = async (connection: LiveConnection, device: Device, { update, all }: Brought) => {
    const { session } = clientOf(connection);
    if (!holdsAll(document, update)) await replica.takeIn(update, connection, session, device);
    if (all) session.cameWith = undefined;
  };

  /** Where one of several is refused, those before it are taken all the same. */
  const takeTogether = async (connection: LiveConnection, device: Device, messages: readonly Brought[]) => {
    await storeUnsaved();
    try {
      await takeFrom(connection, device, joined(messages));
    } catch (error) {
      if (messages.length === 1 || !isLasting(error)) throw error;
      for (const message of messages) await takeFrom(connection, device, message);
    }
  };

  const takeWaiting = async (connection: LiveConnection, device: Device, messages: readonly Brought[]) => {
    const client = clientOf(connection);
    try {
      await takeTogether(connection, device, messages);
    } catch (error) {
      client.refusal ??= isLasting(error) ? refusalOf(error) : null;
      throw error;
    }
    // What it sent after what was refused is kept, too; acknowledged, it would pass for a part of the document.
    if (client.refusal !== null) throw client.refusal;
  };

  const take = (connection: LiveConnection, device: Device, brought: Brought): Promise<void> => {
    const learned = clientOf(connection).learns(brought.update);
    if (learned === 'same' && waiting?.connection === connection && fitsWith(waiting.messages, brought)) {
      waiting.messages.push(brought);
      return waiting.done;
    }
    const messages = [brought];
    const done = queue(() => {
      if (waiting?.messages === messages) waiting = null;
      return takeWaiting(connection, device, messages);
    });
    // A damaged one is pushed alone, to be rejected alone.
    waiting = learned !== 'damaged' ? { connection, messages, done } : null;
    return done;
  };

  return {
    document,
    load: (device) => queue(() => replica.level(device)),
    answer: (connection, device, stateVector) =>
      queue(async () => {
        await replica.level(device);
        const client = clientOf(connection);
        client.session.cameWith = stateVector;
        client.answered = true;
      }),
    take,
    refresh: () => queue(() => replica.level(UNNAMED)),
    store: () => queue(storeUnsaved),
  };
}

const isLasting = (error: unknown): error is DualpathError =>
  error instanceof DualpathError && !error.retryable;
