import { createHash } from 'node:crypto';
import type { JsonObject } from './json.ts';
import type { Mark } from './prosemirror.ts';
import type { QuillOp } from './quill.ts';
import type { TextPiece } from './tree.ts';

/** Formats of a stretch of text: Y.Text format name → canonical JSON text of its value, sorted by name. */
export type Formats = ReadonlyMap<string, string>;

/** A stretch of a Y.Text: characters or one embed, under one set of formats. */
export interface Run {
  readonly insert: string | JsonObject;
  readonly formats: Formats;
}

export const NO_FORMATS: Formats = new Map();

/** y-prosemirror's name for a mark that may stand several times on one text: its type, `--`, eight of base64. */
const HASHED_NAME = /--[a-zA-Z0-9+/=]{8}$/;

/** The type of the mark that y-prosemirror keeps under this format name. */
export function markTypeOf(formatName: string): string {
  return formatName.replace(HASHED_NAME, '');
}

/**
 * The formats that hold these marks, in y-prosemirror's layout: a mark goes by its type, or by type and hash where two
 * of one type stand on the same text. Without the schema nothing else tells that a type may overlap; editors read both.
 * @param known names under which the text already holds marks, by the mark's canonical JSON: they are kept in use
 */
function formatsOfMarks(marks: readonly Mark[] | undefined, known?: ReadonlyMap<string, string>): Formats {
  if (marks === undefined || marks.length === 0) return NO_FORMATS;
  const named = new Map<string, string>();
  for (const [index, mark] of marks.entries()) {
    const json = JSON.stringify(mark);
    const repeated = marks[index - 1]?.type === mark.type || marks[index + 1]?.type === mark.type;
    const plain = !repeated && !HASHED_NAME.test(mark.type);
    let name = known?.get(json) ?? (plain ? mark.type : hashedName(mark.type, json));
    for (let salt = 1; named.has(name); salt++) name = hashedName(mark.type, json + salt);
    named.set(name, JSON.stringify(mark.attrs ?? {}));
  }
  return sortedByName(named);
}

/** The runs that hold these text nodes. */
export function runsOfPieces(
  texts: readonly TextPiece[],
  known?: ReadonlyMap<string, string>,
): readonly Run[] {
  return texts.map(({ text, marks }) => ({ insert: text, formats: formatsOfMarks(marks, known) }));
}

/** The run of one Quill operation. */
export function runOfOp(op: QuillOp): Run {
  if (op.attributes === undefined) return { insert: op.insert, formats: NO_FORMATS };
  const formats = Object.entries(op.attributes).map(
    ([name, value]) => [name, JSON.stringify(value)] as const,
  );
  return { insert: op.insert, formats: sortedByName(new Map(formats)) };
}

function hashedName(type: string, json: string): string {
  const hash = createHash('sha256').update(json).digest().subarray(0, 6).toString('base64');
  return `${type}--${hash}`;
}

function sortedByName(formats: ReadonlyMap<string, string>): Formats {
  if (formats.size < 2) return formats;
  return new Map([...formats].sort(([a], [b]) => (a < b ? -1 : 1)));
}
