import * as Y from 'yjs';
import type { DocumentStore, PushResult } from '../../src/index.ts';

/** A device as an editor on it would be: a replica, the updates it has not sent, and a session that is named. */
export class Device {
  readonly doc = new Y.Doc({ gc: false });
  readonly #documents: DocumentStore;
  readonly #id: string;
  readonly name: string;
  readonly session: string;
  #unsent: Uint8Array[] = [];
  #seq = 0;
  #lineage: string | undefined;

  constructor(documents: DocumentStore, id: string, name: string, session = 'session 1') {
    this.#documents = documents;
    this.#id = id;
    this.name = name;
    this.session = session;
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== SERVER) this.#unsent.push(update);
    });
  }

  static async open(documents: DocumentStore, id: string, name: string, session?: string): Promise<Device> {
    const device = new Device(documents, id, name, session);
    await device.pull();
    return device;
  }

  async pull(): Promise<void> {
    const { update, lineage } = await this.#documents.pull({
      ...this.#names,
      stateVector: Y.encodeStateVector(this.doc),
    });
    this.#lineage = lineage;
    Y.applyUpdate(this.doc, update, SERVER);
  }

  /** Sends what it has not sent as one update. */
  async push(documents: DocumentStore = this.#documents): Promise<PushResult> {
    const update = this.takeUnsent();
    return documents.push({ ...this.#names, seq: this.#seq, update, lineage: this.#lineage });
  }

  /** What it has not sent, merged, under the next seq. */
  takeUnsent(): Uint8Array {
    const update = Y.mergeUpdates(this.#unsent);
    this.#unsent = [];
    this.#seq += 1;
    return update;
  }

  get seq(): number {
    return this.#seq;
  }

  get unsent(): number {
    return this.#unsent.length;
  }

  /** The text of a paragraph; `get(0)` of an empty one is none yet. */
  paragraph(index: number): Y.XmlText {
    const element = this.fragment.get(index) as Y.XmlElement;
    return element.get(0) as Y.XmlText;
  }

  append(text: string): void {
    this.fragment.insert(this.fragment.length, [this.newParagraph(text)]);
  }

  newParagraph(text: string): Y.XmlElement {
    const element = new Y.XmlElement('paragraph');
    element.insert(0, [new Y.XmlText(text)]);
    return element;
  }

  get fragment(): Y.XmlFragment {
    return this.doc.getXmlFragment('default');
  }

  get #names() {
    return { id: this.#id, deviceId: this.name, session: this.session };
  }
}

const SERVER = 'server';

/** A ProseMirror document of plain paragraphs. */
export const paragraphs = (...texts: readonly string[]) => ({
  type: 'doc',
  content: texts.map((text) =>
    text === '' ? { type: 'paragraph' } : { type: 'paragraph', content: [{ type: 'text', text }] },
  ),
});
