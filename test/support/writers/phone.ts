import * as prosemirror from 'y-prosemirror';
import * as Y from 'yjs';
import { type Block, paragraph, show } from '../../formats/push/editing.ts';
import { edit, type Texts } from './edit.ts';
import type { Effect } from './ledger.ts';
import { ask, RefusedError, type World } from './world.ts';

/** How a local-first client goes about it. */
export interface PhoneHabits {
  /** Names its sessions; one that does not looks like one endless session, whatever tabs it has. */
  readonly namesSessions: boolean;
  /** Sends what it lacks an answer for as a difference to the last state vector, as stock providers do; else its queue. */
  readonly sends: 'queue' | 'difference';
  /** Sends its queue one update at a time. */
  readonly piecewise: boolean;
  /** Takes in what there is before it sends what it has. */
  readonly pullsFirst: boolean;
  /** What it says that its replica held when it made an update. */
  readonly names: 'nothing' | 'baseSeq' | 'stateVector';
}

interface Pending {
  /** What its replica held before it: the last pull, and how far it had come. */
  readonly pulled: number;
  readonly before: Uint8Array;
  readonly update: Uint8Array;
  readonly effects: readonly Effect[];
}

/** A replica as it is stored on the device. */
interface Stored {
  readonly state: Uint8Array;
  readonly known: Uint8Array;
  readonly pending: readonly Pending[];
  readonly pulled: number;
  readonly seq: number;
  readonly session: number;
}

/** A local-first client: a replica that is edited whether or not it is online, and a queue that outlives the program. */
export class Phone {
  readonly name: string;
  readonly #world: World;
  readonly #habits: PhoneHabits;
  #doc: Y.Doc;
  #known: Uint8Array;
  #pending: Pending[] = [];
  #pulled = 0;
  #seq = 0;
  #session: number;
  #opened = false;
  #offline = 0;
  #backup: Stored | null = null;
  #restored = false;
  #isTwin = false;

  constructor(world: World, name: string, habits: PhoneHabits, session = 1) {
    this.#world = world;
    this.#doc = replica(world);
    this.#known = Y.encodeStateVector(this.#doc);
    this.name = name;
    this.#habits = habits;
    this.#session = session;
    world.ledger.note(`${name}: ${JSON.stringify(habits)}`);
  }

  async turn(): Promise<void> {
    const { random } = this.#world;
    if (!this.#opened && !(await this.pull())) return;
    for (let edits = 1 + Math.floor(random() * 2); edits > 0; edits -= 1) this.#edit();
    await this.#happen(random());
    if (this.#offline > 0) this.#offline -= 1;
    else await this.sync();
  }

  /** What happens to a device beside typing. */
  async #happen(chance: number): Promise<void> {
    const { random } = this.#world;
    if (chance < 0.12) this.#offline = 1 + Math.floor(random() * 12);
    else if (chance < 0.2) this.#reopen();
    else if (chance < 0.25 && !this.#isTwin) {
      this.#backup = this.#stored();
      this.#note('makes a backup');
    } else if (chance < 0.28 && this.#backup !== null) this.#restore(this.#backup);
  }

  async sync(): Promise<void> {
    if (this.#habits.pullsFirst) await this.pull();
    const merged = await this.push();
    // What it shows is what Yjs made of both sides, until it has the repair.
    if (merged || !this.#habits.pullsFirst) await this.pull();
  }

  /** False: the document has no local-first form yet. */
  async pull(): Promise<boolean> {
    const { id } = this.#world;
    try {
      const stateVector = Y.encodeStateVector(this.#doc);
      const pulled = await ask(this.#world, 'pull', { id, deviceId: this.name, ...this.#named, stateVector });
      Y.applyUpdate(this.#doc, pulled.update, FROM_SERVER);
      this.#known = pulled.stateVector;
      this.#pulled = pulled.serverSeq;
      this.#opened = true;
      this.#note(`pulled up to ${pulled.serverSeq}: ${this.texts.join(' | ')}`);
      return true;
    } catch (error) {
      if (error instanceof RefusedError && error.code === 'not-enrolled') return false;
      throw error;
    }
  }

  /** Was there more to do than Yjs does? */
  async push(): Promise<boolean> {
    let merged = false;
    while (this.#pending.length > 0) {
      const sending = this.#next();
      this.#seq += 1;
      const update = this.#updateOf(sending);
      const pushed = await ask(this.#world, 'push', {
        id: this.#world.id,
        deviceId: this.name,
        ...this.#named,
        seq: this.#seq,
        update,
        ...this.#baseOf(sending),
      });
      merged ||= [pushed.outcome, pushed.fate].includes('merged');
      this.#pending = this.#pending.slice(sending.length);
      this.#world.ledger.acknowledge(sending.flatMap(({ effects }) => effects));
      const written = sending.flatMap(({ effects }) => effects.flatMap((one) => one.written));
      const fate = [pushed.outcome, pushed.fate, pushed.conflict].filter((it) => it !== undefined).join(' ');
      this.#note(`pushed ${this.#session}/${this.#seq} as ${pushed.serverSeq}, ${fate}: +${written}`);
      this.#known = pushed.stateVector;
    }
    return merged;
  }

  /** Was the device replaced since the last call? Then its other tabs are gone too. */
  takeRestored(): boolean {
    const restored = this.#restored;
    this.#restored = false;
    return restored;
  }

  /** The tab is gone, and what it has not sent with it. */
  abandon(): void {
    this.#world.ledger.drop(this.#pending.flatMap(({ effects }) => effects));
  }

  /** Another tab on the same device: the same stored replica, a session of its own; it sends what is stored and not sent, too. */
  twin(): Phone {
    const twin = new Phone(this.#world, this.name, this.#habits, this.#session + 1_000);
    twin.#load({ ...this.#stored(), seq: 0, session: twin.#session });
    // A backup is of the device, and the first tab's.
    twin.#isTwin = true;
    return twin;
  }

  get texts(): Texts {
    return this.#doc.getXmlFragment('default').toArray().map(textIn);
  }

  /** A number of its writer's dice. */
  draw(): number {
    return this.#world.random();
  }

  get isOpened(): boolean {
    return this.#opened;
  }

  #edit(): void {
    const { ledger, random } = this.#world;
    const updates: Uint8Array[] = [];
    const before = Y.encodeStateVector(this.#doc);
    const collect = (update: Uint8Array) => updates.push(update);
    this.#doc.on('update', collect);
    let made = null as ReturnType<typeof edit> | null;
    show(prosemirror, this.#doc, (blocks) => {
      made = edit(blocks.map(textOfBlock), ledger, random);
      return made.texts.map(paragraph);
    });
    this.#doc.off('update', collect);
    if (made === null || updates.length === 0) return;
    const { effect, kind } = made;
    this.#pending.push({
      pulled: this.#pulled,
      before,
      update: Y.mergeUpdates(updates),
      effects: [effect],
    });
    this.#note(`${kind}: +${effect.written} -${effect.deleted}`);
  }

  /** The editor is started again: another client id, another session; what was stored is still there. */
  #reopen(): void {
    this.#load(this.#stored());
    this.#session += 1;
    this.#seq = 0;
    this.#note('is opened again');
  }

  #restore(backup: Stored): void {
    const kept = new Set(backup.pending.flatMap(({ effects }) => effects));
    const lost = this.#pending.flatMap(({ effects }) => effects).filter((effect) => !kept.has(effect));
    this.#world.ledger.drop(lost);
    this.#load(backup);
    this.#backup = null;
    this.#restored = true;
    this.#note(`is restored from a backup, without ${lost.flatMap(({ written }) => written)}`);
  }

  #stored(): Stored {
    return {
      state: Y.encodeStateAsUpdate(this.#doc),
      known: this.#known,
      pending: [...this.#pending],
      pulled: this.#pulled,
      seq: this.#seq,
      session: this.#session,
    };
  }

  #load({ state, known, pending, pulled, seq, session }: Stored): void {
    this.#doc = replica(this.#world);
    Y.applyUpdate(this.#doc, state, FROM_SERVER);
    this.#known = known;
    this.#pending = [...pending];
    this.#pulled = pulled;
    this.#seq = seq;
    this.#session = session;
    this.#opened = true;
  }

  /** What was written on one base is one push. */
  #next(): readonly Pending[] {
    if (this.#habits.piecewise) return this.#pending.slice(0, 1);
    if (this.#habits.names !== 'baseSeq') return this.#pending;
    const other = this.#pending.findIndex(({ pulled }) => pulled !== this.#pending[0]?.pulled);
    return other === -1 ? this.#pending : this.#pending.slice(0, other);
  }

  #baseOf(sending: readonly Pending[]): { readonly baseSeq?: number; readonly stateVector?: Uint8Array } {
    const [first] = sending;
    if (first === undefined || this.#habits.names === 'nothing') return {};
    if (this.#habits.names === 'baseSeq') return { baseSeq: first.pulled };
    return { stateVector: this.#isDifference(sending) ? Y.encodeStateVector(this.#doc) : first.before };
  }

  #isDifference(sending: readonly Pending[]): boolean {
    return this.#habits.sends === 'difference' && sending.length === this.#pending.length;
  }

  #updateOf(sending: readonly Pending[]): Uint8Array {
    if (this.#isDifference(sending)) return Y.encodeStateAsUpdate(this.#doc, this.#known);
    return Y.mergeUpdates(sending.map(({ update }) => update));
  }

  get namesSessions(): boolean {
    return this.#habits.namesSessions;
  }

  get #named(): { readonly session?: string } {
    return this.#habits.namesSessions ? { session: `session ${this.#session}` } : {};
  }

  #note(line: string): void {
    this.#world.ledger.note(`${this.name}.${this.#session} ${line}`);
  }
}

/** Its client id is drawn too: who comes first where two type at one place goes by it. */
function replica({ random }: World): Y.Doc {
  const doc = new Y.Doc({ gc: false });
  doc.clientID = Math.floor(random() * 2 ** 32);
  return doc;
}

const FROM_SERVER = 'server';

const textIn = (node: unknown): string => {
  if (node instanceof Y.XmlText)
    return node
      .toDelta()
      .map(({ insert }: { insert: unknown }) => insert)
      .join('');
  return node instanceof Y.XmlElement ? node.toArray().map(textIn).join('') : '';
};

const textOfBlock = ({ content }: Block): string =>
  ((content ?? []) as readonly { readonly text?: string }[]).map(({ text }) => text ?? '').join('');
