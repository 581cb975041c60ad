import { type Controller, openController } from '../../src/controller.ts';
import { configObject, PLAIN, type TablesOptions } from '../documents/tables.ts';
import { Device, paragraphs } from '../support/device.ts';
import { rolloutOf } from '../support/rollout.ts';
import { type OpenStore, openStore } from '../write-path/store.ts';

/** An application's tables with the library on them, and the controller of the same rollout. */
export interface Conflicted extends OpenStore {
  readonly config: OpenStore['config'];
  /** The path of the rollout's config. */
  readonly file: string;
  controlling<T>(work: (controller: Controller) => Promise<T>): Promise<T>;
}

export async function openConflicted(
  options: TablesOptions = {},
  ddl: string = PLAIN,
  operator = 'support',
): Promise<Conflicted> {
  const store = await openStore(options, ddl);
  const rollout = rolloutOf({ ...configObject(options), database: store.database.url });
  return {
    ...store,
    file: rollout.config,
    async controlling(work) {
      const controller = await openController({ config: rollout.config, operator, reason: 'a test' });
      try {
        return await work(controller);
      } finally {
        await controller.close();
      }
    },
  };
}

/** Both paths rewrote the one paragraph of a document: a conflict to review, and its id. */
export async function bothRewrote({ documents, insert }: OpenStore, id: string): Promise<string> {
  await insert(id, 'the first draft of one paragraph');
  const device = await Device.open(documents, id, 'phone');
  await documents.save({
    id,
    content: paragraphs('legacy wrote this paragraph all anew'),
    baseRevision: 1,
    deviceId: 'desk',
  });
  const text = device.paragraph(0);
  text.delete(0, text.length);
  text.insert(0, 'offline somebody typed quite another text');
  const { conflict } = await device.push();
  if (conflict === undefined) throw new Error('there is no conflict');
  return conflict;
}

/** Two saves changed the same block; the later one is the conflict's. */
export async function staleSave({ documents, insert }: OpenStore, id: string): Promise<string> {
  await insert(id, 'zero one two three four five', 'untouched');
  await documents.save({
    id,
    content: paragraphs('first one two three four five', 'untouched'),
    baseRevision: 1,
    deviceId: 'desk',
  });
  const { conflict } = await documents.save({
    id,
    content: paragraphs('zero one two three four last', 'untouched'),
    baseRevision: 1,
    deviceId: 'tablet',
  });
  if (conflict === undefined) throw new Error('there is no conflict');
  return conflict;
}

/** A save that nobody knows the base of replaced the document. */
export async function overwritten({ documents, insert }: OpenStore, id: string): Promise<string> {
  await insert(id, 'a draft of many good words that took a whole week');
  await documents.pull({ id, deviceId: 'phone' });
  const { conflict, outcome } = await documents.save({
    id,
    content: paragraphs('nothing alike stands here'),
  });
  if (conflict === undefined || outcome !== 'overwrote') throw new Error(`it was ${outcome}`);
  return conflict;
}

/** An update under another device's client id: kept, and no part of the document. */
export async function refusedPush({ documents, insert }: OpenStore, id: string): Promise<string> {
  await insert(id, 'one');
  const owner = await Device.open(documents, id, 'phone');
  owner.paragraph(0).insert(3, ' two');
  await owner.push();
  const thief = await Device.open(documents, id, 'tablet');
  thief.doc.clientID = owner.doc.clientID;
  thief.paragraph(0).insert(7, ' refused words');
  const { conflict, outcome } = await thief.push();
  if (conflict === undefined || outcome !== 'quarantined') throw new Error(`it was ${outcome}`);
  return conflict;
}
