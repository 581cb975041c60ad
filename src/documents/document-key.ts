import { createHash } from 'node:crypto';

/**
 * Ids up to this many bytes are kept as they are. A B-tree entry of Postgres holds 2,704 bytes, and a capture must
 * never fail inside the application's own write: a longer id is kept as its beginning and its SHA-256, which always fits.
 */
export const LONGEST_ID_BYTES = 1_000;

/** Characters of a long id that its key begins with, so that a person recognises it and pages stay nearly in order. */
const KEPT_CHARACTERS = 100;

const SEPARATOR = '…sha256:';
const LONG_KEY = /…sha256:[0-9a-f]{64}$/u;

/** The key under which every table of ours knows a document: its id, unless that is too long for an index. */
export function documentKey(id: string): string {
  const bytes = Buffer.from(id, 'utf8');
  if (bytes.length <= LONGEST_ID_BYTES) return id;
  const digest = createHash('sha256').update(bytes).digest('hex');
  return `${Array.from(id).slice(0, KEPT_CHARACTERS).join('')}${SEPARATOR}${digest}`;
}

/** `documentKey` in SQL, of any expression that is the id as text. */
export const documentKeySql = (id: string): string =>
  `case when octet_length(${id}) <= ${LONGEST_ID_BYTES} then ${id}
        else left(${id}, ${KEPT_CHARACTERS}) || '${SEPARATOR}' || encode(sha256(convert_to(${id}, 'UTF8')), 'hex') end`;

/** Does this key stand for an id that is too long to be kept? Such a document is held on legacy. */
export const isLongKey = (key: string): boolean => LONG_KEY.test(key);
