import { ByteWriter } from './byte-writer.ts';
import type { Json } from './json.ts';
import { type Formats, NO_FORMATS, type Run } from './runs.ts';

/** Content and type numbers of the Yjs V1 update format (yjs/src/structs/Item.js, structs/ContentType.js). */
const EMBED = 5;
const STRING = 4;
const FORMAT = 6;
const TYPE = 7;
const ANY = 8;
const XML_ELEMENT = 3;
const XML_TEXT = 6;
const HAS_ORIGIN = 0x80;
const HAS_PARENT_KEY = 0x20;

/** Where an item goes: into a root type, by its name, or into the type that another item of the seed holds, by its clock. */
export type Parent = string | number;

/**
 * Writes the one Yjs update of a seed: items of one client from clock 0 on, in the order of the calls, no deletions.
 * Writing the format directly takes less than half the time of a Y.Doc, and makes the bytes depend on nothing but this
 * file. Each method returns the clock of the item it wrote, the `left` neighbour of the next one.
 */
export class SeedWriter {
  readonly #client: number;
  readonly #out: ByteWriter;
  #clock = 0;
  #items = 0;

  /** @param capacity the size expected of the update, in bytes */
  constructor(client: number, capacity: number) {
    this.#client = client;
    this.#out = new ByteWriter(capacity);
  }

  element(parent: Parent, left: number | null, name: string): number {
    this.#head(TYPE, parent, left);
    this.#out.varUint(XML_ELEMENT);
    this.#out.string(name);
    return this.#advance(1);
  }

  xmlText(parent: Parent, left: number | null): number {
    this.#head(TYPE, parent, left);
    this.#out.varUint(XML_TEXT);
    return this.#advance(1);
  }

  /** An attribute of an element, or an entry of a root map. */
  entry(parent: Parent, key: string, value: Json): void {
    this.#head(ANY, parent, null, key);
    this.#out.varUint(1);
    this.#out.any(value);
    this.#advance(1);
  }

  /** The whole text of a Y.Text or Y.XmlText; formats are opened and closed where they change, as Yjs does it. */
  runs(parent: Parent, runs: readonly Run[]): void {
    let left: number | null = null;
    let open: Formats = NO_FORMATS;
    for (const run of runs) {
      left = this.#switchFormats(parent, left, open, run.formats);
      open = run.formats;
      if (typeof run.insert === 'string') {
        this.#head(STRING, parent, left);
        this.#out.string(run.insert);
        left = this.#advance(run.insert.length);
      } else {
        this.#head(EMBED, parent, left);
        this.#out.string(JSON.stringify(run.insert));
        left = this.#advance(1);
      }
    }
    this.#switchFormats(parent, left, open, NO_FORMATS);
  }

  /** The update. */
  finish(): Uint8Array {
    const body = this.#out.written();
    const update = new ByteWriter(body.length + 24);
    if (this.#items === 0) update.byte(0);
    else {
      update.byte(1);
      update.varUint(this.#items);
      update.varUint(this.#client);
      update.byte(0);
      update.raw(body);
    }
    update.byte(0);
    return new Uint8Array(update.written());
  }

  #switchFormats(parent: Parent, before: number | null, from: Formats, to: Formats): number | null {
    if (from === to) return before;
    let left = before;
    for (const name of from.keys()) if (!to.has(name)) left = this.#format(parent, left, name, 'null');
    for (const [name, json] of to) if (from.get(name) !== json) left = this.#format(parent, left, name, json);
    return left;
  }

  #format(parent: Parent, left: number | null, name: string, json: string): number {
    this.#head(FORMAT, parent, left);
    this.#out.string(name);
    this.#out.string(json);
    return this.#advance(1);
  }

  /** An item with a left neighbour takes its parent from it; only one without names the parent. */
  #head(content: number, parent: Parent, left: number | null, key?: string): void {
    this.#items++;
    this.#out.byte(content | (left === null ? 0 : HAS_ORIGIN) | (key === undefined ? 0 : HAS_PARENT_KEY));
    if (left !== null) this.#id(left);
    else {
      this.#out.byte(typeof parent === 'string' ? 1 : 0);
      if (typeof parent === 'string') this.#out.string(parent);
      else this.#id(parent);
      if (key !== undefined) this.#out.string(key);
    }
  }

  #id(clock: number): void {
    this.#out.varUint(this.#client);
    this.#out.varUint(clock);
  }

  /** Returns the clock of the last unit written: that is what a right neighbour refers to. */
  #advance(units: number): number {
    this.#clock += units;
    return this.#clock - 1;
  }
}
