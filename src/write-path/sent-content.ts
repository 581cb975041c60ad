import { hash } from 'node:crypto';
import type { Format } from '../core/model.ts';
import { DualpathError, UnconvertibleError } from '../errors.ts';
import { type Content, readLegacy, readValue } from '../formats/index.ts';
import type { DocumentContent } from './document-store-types.ts';

/** What a client sent: the text for the legacy column, and the content in it or why it does not convert. */
export type Sent = {
  readonly raw: string;
  /** Of the content where it converts, else of the text. */
  readonly fingerprint: Uint8Array;
} & ({ readonly content: Content } | { readonly refusal: UnconvertibleError });

/**
 * Reads what a client sent, as the legacy column would hold it.
 * @throws DualpathError `invalid-content` for what no column could hold
 */
export function readSent(format: Format, content: DocumentContent): Sent {
  const raw = rawOf(format, content);
  try {
    const read = typeof content === 'string' ? readLegacy(format, raw) : readValue(format, content, raw);
    return { raw, fingerprint: read.fingerprint, content: read };
  } catch (error) {
    if (!(error instanceof UnconvertibleError)) throw error;
    return { raw, fingerprint: hash('sha256', raw, 'buffer'), refusal: error };
  }
}

function rawOf(format: Format, content: DocumentContent): string {
  const raw = typeof content === 'string' ? content : jsonOf(format, content);
  if (raw === undefined) throw invalid('it is no content of its format');
  if (raw.includes('\0')) throw invalid('it holds the character U+0000, which PostgreSQL cannot store');
  return raw;
}

function jsonOf(format: Format, content: DocumentContent): string | undefined {
  if (format === 'markdown' || format === 'text') return undefined;
  try {
    return JSON.stringify(content);
  } catch {
    return undefined;
  }
}

const invalid = (why: string): DualpathError =>
  new DualpathError(
    'invalid-content',
    `The content cannot be stored: ${why}.`,
    'Send what the editor holds: JSON for prosemirror and quill, a string for markdown and text.',
    { exitCode: 2 },
  );
