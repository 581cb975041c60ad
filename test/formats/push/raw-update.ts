import { ByteWriter } from '../../../src/formats/byte-writer.ts';

/** A number is written as Yjs writes counts and ids, a text behind its length, a byte as it is. */
export type Part = number | string | { readonly byte: number };

/** Writes updates that no editor writes, a part at a time. */
export function raw(parts: readonly Part[]): Uint8Array {
  const writer = new ByteWriter(64);
  for (const part of parts) {
    if (typeof part === 'string') writer.string(part);
    else if (typeof part === 'number') writer.varUint(part);
    else writer.byte(part.byte);
  }
  return Uint8Array.from(writer.written());
}

/** The first byte of a struct: what it is, and which ids follow. */
export const INFO = { gc: 0, deleted: 1, embed: 5, string: 4, format: 6, type: 7, any: 8, skip: 10 };
export const withOrigin = (info: number): Part => ({ byte: info | 0x80 });
export const withKey = (info: number): Part => ({ byte: info | 0x20 });

/** One client's structs from a clock on, and no deletions. */
export function structs(client: number, clock: number, ...written: readonly (readonly Part[])[]): Uint8Array {
  return structsOf(client, clock, written);
}

export function structsOf(client: number, clock: number, written: readonly (readonly Part[])[]): Uint8Array {
  return raw([1, written.length, client, clock, ...written.flat(), 0]);
}

/** A text at the start of a root. */
export const textIn = (root: string, text: string): readonly Part[] => [INFO.string, 1, root, text];
