import type { Json, JsonObject } from '../json.ts';
import type { Marks, Token } from './lexicon.ts';
import type { MarkTable } from './mark-table.ts';

/** Tokens with their merged marks as the content of a block. Neighbours with the same marks are one text. */
export function inlineOf(
  tokens: readonly { readonly token: Token; readonly marks: Marks }[],
  table: MarkTable,
): readonly JsonObject[] {
  const nodes: JsonObject[] = [];
  let [text, open] = ['', 0];
  const flush = () => {
    if (text !== '') nodes.push(withMarks({ type: 'text', text }, open, table));
    text = '';
  };
  const add = (part: string, marks: number) => {
    if (marks !== open) flush();
    open = marks;
    text += part;
  };
  for (const { token, marks } of tokens) {
    if (token.atom !== undefined) {
      flush();
      nodes.push(withMarks(token.atom, typeof marks === 'number' ? marks : 0, table));
    } else if (typeof marks === 'number') add(token.text, marks);
    else for (const part of partsOf(token.text, marks)) add(part.text, part.marks);
  }
  flush();
  return nodes;
}

/** A word whose marks change inside, cut where they do; both units of a surrogate pair go with the first. */
function partsOf(text: string, marks: readonly number[]): readonly { text: string; marks: number }[] {
  let at = 0;
  return Array.from(text, (character) => {
    const part = { text: character, marks: marks[at] ?? 0 };
    at += character.length;
    return part;
  });
}

function withMarks(node: JsonObject, marks: number, table: MarkTable): JsonObject {
  return marks === 0 ? node : { ...node, marks: table.marksOf(marks) as unknown as Json };
}
