import * as Y from 'yjs';
import {
  applyUpdate,
  type Content,
  decodeState,
  encodeChange,
  encodeSeed,
  readLegacy,
  type StateShape,
  writeLegacy,
} from '../../src/formats/index.ts';
import { type Merge, merge3 } from '../../src/formats/merge/merge.ts';

/** One document behind both write paths, as its writers see it. */
export interface WritePath {
  /**
   * A legacy save of the whole document.
   * @param content the column's text
   * @param base the revision that it was edited from
   */
  save(content: string, base: number): Promise<SaveReply>;
  /** What a device did since its last push: a Yjs V1 update. */
  push(device: string, update: Uint8Array): Promise<void>;
  /** What a device lacks: a Yjs V1 update. A device with work of its own pushes first. */
  pull(device: string): Promise<Uint8Array>;
  /** The document as a legacy client loads it. */
  load(): Promise<Revision>;
}

export interface Revision {
  readonly revision: number;
  readonly content: string;
}

export interface SaveReply {
  /** What was sent, and what the next save goes by if the client goes on showing that. */
  readonly revision: number;
  readonly head: Revision;
}

/** Every merge that was made, for figures. */
export type OnMerge = (merge: Merge) => void;

const NOTHING = new Uint8Array([0, 0]);

/**
 * The write path without its database: the same seeds, merges and changes in the same order, one document, in memory. What
 * it proves is that these lose nothing between them; transactions, locks and receipts are not its matter.
 */
export function createMemoryWritePath(start: Content, onMerge: OnMerge = () => {}): WritePath {
  const shape: StateShape = { format: start.format, fragment: 'default' };
  const identityOf = (revision: number) => ({ documentId: 'd-1', lineage: '1', revision: String(revision) });
  const versions = new Map([[1, start]]);
  /** What each device is known to hold: what it was given, and its own accepted updates. */
  const replicas = new Map<string, Uint8Array>();
  let state = encodeSeed(start, shape, identityOf(1));
  let head = { revision: 1, content: start };

  const versionOf = (revision: number): Content => {
    const version = versions.get(revision);
    if (version === undefined) throw new Error(`There is no revision ${revision}.`);
    return version;
  };
  const keep = (content: Content) => {
    if (content.canonical === head.content.canonical) return;
    head = { revision: versions.size + 1, content };
    versions.set(head.revision, content);
  };
  const merge = (base: Content, ours: Content, theirs: Content): Content => {
    const merged = merge3(base, ours, theirs);
    if (![ours, theirs].some(({ canonical }) => canonical === base.canonical)) onMerge(merged);
    return merged.content;
  };
  /** A forward change of the state to this content. */
  const lead = (content: Content, purpose: 'capture' | 'repair') => {
    const identity = { ...identityOf(versions.size + 1), purpose };
    state = applyUpdate(state, encodeChange(state, content, shape, identity));
  };

  return {
    async save(content, base) {
      const sent = readLegacy(shape.format, content);
      const merged = merge(versionOf(base), head.content, sent);
      lead(merged, 'capture');
      if (merged.canonical === sent.canonical) keep(sent);
      else {
        versions.set(versions.size + 1, sent);
        head = { revision: versions.size + 1, content: merged };
        versions.set(head.revision, merged);
      }
      const revision = merged.canonical === sent.canonical ? head.revision : head.revision - 1;
      return { revision, head: { revision: head.revision, content: writeLegacy(head.content) } };
    },

    async push(device, update) {
      const before = replicas.get(device) ?? NOTHING;
      const after = applyUpdate(before, update);
      const base = decodeState(before, shape);
      const merged = merge(base, head.content, decodeState(after, shape));
      state = applyUpdate(state, update);
      // Yjs has merged it too, by its own lights: where a word was replaced that the device typed in, not as it should be.
      lead(merged, 'repair');
      replicas.set(device, after);
      keep(merged);
    },

    async pull(device) {
      const known = replicas.get(device) ?? NOTHING;
      replicas.set(device, state);
      return Y.diffUpdate(state, Y.encodeStateVectorFromUpdate(known));
    },

    async load() {
      return { revision: head.revision, content: writeLegacy(head.content) };
    },
  };
}

/** A local-first client: a Yjs replica, which it edits whether or not it is online. */
export interface Device {
  readonly doc: Y.Doc;
  /** Pushes what it has, then takes in what there is. */
  sync(): Promise<void>;
}

export function createDevice(name: string, clientId: number, path: WritePath): Device {
  const doc = new Y.Doc({ gc: false });
  doc.clientID = clientId;
  let pushed = Y.encodeStateVector(doc);
  let pending = false;
  doc.on('update', (_update: Uint8Array, origin: unknown) => {
    pending ||= origin !== path;
  });
  return {
    doc,
    async sync() {
      if (pending) await path.push(name, Y.encodeStateAsUpdate(doc, pushed));
      pending = false;
      Y.applyUpdate(doc, await path.pull(name), path);
      pushed = Y.encodeStateVector(doc);
    },
  };
}
