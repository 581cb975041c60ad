import { hash } from 'node:crypto';
import type { Format } from '../core/model.ts';
import { UnconvertibleError } from '../errors.ts';
import { canonicalString, type Json, type Notes } from './json.ts';
import { MAX_CONTENT_BYTES } from './limits.ts';
import { parseJson } from './parse-json.ts';
import { canonicalProsemirror } from './prosemirror.ts';
import { canonicalQuill } from './quill.ts';

/** The content of one document, in the one form in which equal contents are equal. */
export interface Content {
  readonly format: Format;
  /** The parsed content, canonicalised: a JSON object, or a string for `markdown` and `text`. */
  readonly value: unknown;
  /** The canonical JSON text: equal if and only if the content is equal. */
  readonly canonical: string;
  /** SHA-256 of `canonical`: 32 bytes. */
  readonly fingerprint: Buffer;
  /** What was normalised, for people, without content; empty means exact. */
  readonly notes: readonly string[];
}

/**
 * Reads the content column.
 * @param raw the column as text: JSON for `prosemirror` and `quill`, the text itself for `markdown` and `text`
 * @throws UnconvertibleError if the local-first form cannot hold it exactly; the reason names no content
 */
export function readLegacy(format: Format, raw: string): Content {
  refuseTooLarge(raw);
  return contentOf(format, format === 'prosemirror' || format === 'quill' ? parseJson(raw) : raw);
}

/**
 * Reads a value whose JSON is the text of a content column, mostly without a way over that text.
 * @throws UnconvertibleError
 */
export function readValue(format: Format, value: unknown, raw: string): Content {
  refuseTooLarge(raw);
  try {
    return contentOf(format, value);
  } catch (error) {
    if (!(error instanceof UnconvertibleError)) throw error;
    // JSON leaves out or replaces what it cannot hold, and an object may write itself otherwise.
    return readLegacy(format, raw);
  }
}

/** The text to store in the legacy column: what `readLegacy` reads as equal content. */
export function writeLegacy(content: Content): string {
  return typeof content.value === 'string' ? content.value : content.canonical;
}

/**
 * Canonicalises a parsed value.
 * @throws UnconvertibleError
 */
export function contentOf(format: Format, raw: unknown): Content {
  const notes: Notes = new Set();
  const value = canonicalOf(format, raw, notes);
  const canonical = JSON.stringify(value);
  const fingerprint = hash('sha256', canonical, 'buffer');
  return { format, value, canonical, fingerprint, notes: [...notes] };
}

function canonicalOf(format: Format, raw: unknown, notes: Notes): Json {
  switch (format) {
    case 'prosemirror':
      return canonicalProsemirror(raw, notes);
    case 'quill':
      return canonicalQuill(raw, notes);
    case 'markdown':
    case 'text':
      if (typeof raw !== 'string') throw new UnconvertibleError('not-text', 'The content is not text.');
      return canonicalString(raw, notes);
  }
}

/**
 * Refuses the text of a legacy column that is larger than a document may be.
 * @throws UnconvertibleError `too-large`
 */
export function refuseTooLarge(text: string): void {
  // A UTF-16 unit takes at most three bytes, so most documents need not be counted.
  if (text.length * 3 <= MAX_CONTENT_BYTES || Buffer.byteLength(text) <= MAX_CONTENT_BYTES) return;
  const limit = `${MAX_CONTENT_BYTES / 1024 / 1024} MiB`;
  throw new UnconvertibleError(
    'too-large',
    `The content is larger than ${limit}, more than an editor can open.`,
  );
}
