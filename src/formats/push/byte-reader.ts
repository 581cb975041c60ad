import { RejectedUpdateError } from './rejected-update-error.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads lib0's encodings and believes none of them: lib0 reads past the end of a view into what lies behind it in
 * memory, and takes what is missing for `undefined`.
 * @throws RejectedUpdateError `truncated`, `corrupt` or `ids-not-safe`
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw truncated();
    this.#at++;
    return byte;
  }

  skip(count: number): void {
    if (count > this.remaining) throw truncated();
    this.#at += count;
  }

  /** Seven bits a byte, lowest first; up to 2^53 - 1, which JavaScript counts exactly. */
  varUint(): number {
    let byte = this.byte();
    let value = byte & 0x7f;
    for (let unit = 0x80; byte >= 0x80; unit *= 0x80) {
      byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (value > Number.MAX_SAFE_INTEGER) throw notSafe();
    }
    return value;
  }

  /** The first byte holds the sign and six bits; the value itself does not matter here. */
  skipVarInt(): void {
    let byte = this.byte();
    for (let size = 1; byte >= 0x80; size++) {
      if (size > 8) throw corrupt('a number with too many digits');
      byte = this.byte();
    }
  }

  string(): string {
    const size = this.varUint();
    const from = this.#at;
    this.skip(size);
    try {
      return UTF8.decode(this.#bytes.subarray(from, this.#at));
    } catch {
      throw corrupt('text that is no UTF-8');
    }
  }
}

export function corrupt(what: string): RejectedUpdateError {
  return new RejectedUpdateError('corrupt', `The update is damaged: it holds ${what}.`);
}

export function truncated(): RejectedUpdateError {
  return new RejectedUpdateError('truncated', 'The update is cut off: it ends before what it announces.');
}

function notSafe(): RejectedUpdateError {
  return new RejectedUpdateError('ids-not-safe', 'The update holds a number that no editor counts to.');
}
