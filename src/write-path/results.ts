import type { Format } from '../core/model.ts';
import { revisionOfVersion } from '../documents/history.ts';
import type { Link } from '../documents/links.ts';
import type { Stores } from '../documents/stores.ts';
import type { Content } from '../formats/index.ts';
import type { Queryable } from '../postgres/queryable.ts';
import type { DocumentContent } from './document-store-types.ts';

/** Revisions and seqs as callers get them: far below 2^53. */
export const numberOf = (text: string | null): number | null => (text === null ? null : Number(text));

/** The number under which clients know a version: the application's, or ours where it keeps none. */
export async function revisionOf(
  db: Queryable,
  stores: Stores,
  link: Link,
  version: string,
): Promise<string | null> {
  if (!stores.legacy.revision) return version;
  if (version === link.version) return link.legacyRevision;
  return revisionOfVersion(db, link.id, version);
}

/** A content as the editor has it: parsed JSON, or a string. */
export function editorValue(content: Content): DocumentContent;
export function editorValue(raw: string, format: Format): DocumentContent;
export function editorValue(content: Content | string, format?: Format): DocumentContent {
  if (typeof content !== 'string') return content.value;
  if (format === 'markdown' || format === 'text') return content;
  try {
    return JSON.parse(content);
  } catch {
    // A legacy column of type text can hold anything: then that is what the application gets, as ever.
    return content;
  }
}

/** The next number where nothing but us counts: the application's column stands still once the mirror has stopped. */
export function numberedAlone(
  { legacy }: Stores,
  { legacyRevision, version }: Pick<Link, 'legacyRevision' | 'version'>,
  steps: bigint,
): string | null {
  return legacy.revision ? String(BigInt(legacyRevision ?? version) + steps) : null;
}

/** As receipts count time. */
export const micros = (milliseconds: number): number => Math.round(milliseconds * 1_000);
