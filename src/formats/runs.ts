import { hash } from 'node:crypto';
import type { JsonObject } from './json.ts';
import type { Mark } from './prosemirror.ts';
import type { QuillOp } from './quill.ts';
import type { TextPiece } from './tree.ts';

/** Formats of a stretch of text: Y.Text format name → canonical JSON text of its value. */
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
 * The runs that hold these text nodes, in y-prosemirror's layout: a mark goes by its type, or by type and hash where two
 * of one type overlap in this text. Without the schema nothing else tells that a type may; editors read both.
 * @param known names under which the text already holds marks, by the mark's canonical JSON: they stay in use
 */
export function runsOfPieces(
  texts: readonly TextPiece[],
  known?: ReadonlyMap<string, string>,
): readonly Run[] {
  const overlapping = new Set<string>();
  for (const { marks } of texts) {
    marks?.forEach((mark, index) => {
      if (mark.type === marks[index - 1]?.type || HASHED_NAME.test(mark.type)) overlapping.add(mark.type);
    });
  }
  return texts.map(({ text, marks }) => ({
    insert: text,
    formats: formatsOfMarks(marks, overlapping, known),
  }));
}

function formatsOfMarks(
  marks: readonly Mark[] | undefined,
  overlapping: ReadonlySet<string>,
  known?: ReadonlyMap<string, string>,
): Formats {
  if (marks === undefined) return NO_FORMATS;
  const formats = new Map<string, string>();
  for (const mark of marks) {
    let name =
      known?.get(JSON.stringify(mark)) ?? (overlapping.has(mark.type) ? hashedName(mark) : mark.type);
    for (let salt = 1; formats.has(name); salt++) name = hashedName(mark, salt);
    formats.set(name, mark.attrs === undefined ? '{}' : JSON.stringify(mark.attrs));
  }
  return formats;
}

/** The run of one Quill operation. */
export function runOfOp({ insert, attributes }: QuillOp): Run {
  if (attributes === undefined) return { insert, formats: NO_FORMATS };
  return {
    insert,
    formats: new Map(Object.entries(attributes).map(([name, value]) => [name, JSON.stringify(value)])),
  };
}

/** @param salt tells marks apart whose hashes are the same */
function hashedName(mark: Mark, salt = 0): string {
  const text = JSON.stringify(mark) + (salt || '');
  return `${mark.type}--${hash('sha256', text, 'buffer').subarray(0, 6).toString('base64')}`;
}
