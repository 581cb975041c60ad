import type { Json } from './json.ts';

const MAX_INT31 = 0x7fffffff;

/** Bytes in the encodings of lib0, which Yjs updates are written in (lib0/encoding.js). */
export class ByteWriter {
  #bytes: Buffer;
  #length = 0;

  /** @param capacity bytes to reserve; it grows as needed */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Seven bits a byte, lowest first; division, as client ids have 53 bits. */
  varUint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = 0x80 | (rest % 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** UTF-8 behind its length in bytes. */
  string(value: string): void {
    const size = Buffer.byteLength(value);
    this.varUint(size);
    this.#reserve(size);
    this.#length += this.#bytes.write(value, this.#length);
  }

  /** lib0's own form of a JSON value. */
  any(value: Json): void {
    if (value === null) this.byte(126);
    else if (typeof value === 'string') {
      this.byte(119);
      this.string(value);
    } else if (typeof value === 'boolean') this.byte(value ? 120 : 121);
    else if (typeof value === 'number') this.#number(value);
    else if (isList(value)) {
      this.byte(117);
      this.varUint(value.length);
      for (const item of value) this.any(item);
    } else {
      const entries = Object.entries(value);
      this.byte(118);
      this.varUint(entries.length);
      for (const [key, item] of entries) {
        this.string(key);
        this.any(item);
      }
    }
  }

  #number(value: number): void {
    if (Number.isInteger(value) && Math.abs(value) <= MAX_INT31) {
      this.byte(125);
      this.#varInt(value);
    } else if (Math.fround(value) === value) {
      this.byte(124);
      this.#reserve(4);
      this.#length = this.#bytes.writeFloatBE(value, this.#length);
    } else {
      this.byte(123);
      this.#reserve(8);
      this.#length = this.#bytes.writeDoubleBE(value, this.#length);
    }
  }

  /** The first byte holds the sign and six bits, each further one seven. */
  #varInt(value: number): void {
    let rest = Math.abs(value);
    this.byte((rest > 0x3f ? 0x80 : 0) | (value < 0 ? 0x40 : 0) | (rest & 0x3f));
    rest = Math.floor(rest / 0x40);
    while (rest > 0) {
      this.byte((rest > 0x7f ? 0x80 : 0) | (rest & 0x7f));
      rest = Math.floor(rest / 0x80);
    }
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

function isList(value: Exclude<Json, null | string | boolean | number>): value is readonly Json[] {
  return Array.isArray(value);
}
