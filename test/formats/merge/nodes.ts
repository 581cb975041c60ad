import { type Content, type Merge, merge3, readLegacy } from '../../../src/formats/index.ts';
import type { JsonObject } from '../../../src/formats/json.ts';

/** Documents in short: a string is a text, a function a node. */
type Child = JsonObject | string;

export function node(type: string, attrs: JsonObject = {}, ...children: readonly Child[]): JsonObject {
  const content = children.map((child) =>
    typeof child === 'string' ? { type: 'text', text: child } : child,
  );
  return { type, attrs, content };
}

export const p = (...children: readonly Child[]) => node('paragraph', {}, ...children);
export const h = (level: number, ...children: readonly Child[]) => node('heading', { level }, ...children);
export const quote = (...children: readonly Child[]) => node('blockquote', {}, ...children);
export const list = (...items: readonly Child[]) => node('bullet_list', {}, ...items);
export const li = (...children: readonly Child[]) => node('list_item', {}, ...children);
export const table = (...rows: readonly Child[]) => node('table', {}, ...rows);
export const row = (...cells: readonly string[]) =>
  node('table_row', {}, ...cells.map((text) => node('table_cell', {}, p(text))));
export const image = (attrs: JsonObject) => node('image', attrs);
export const marked = (text: string, ...types: readonly string[]): JsonObject => ({
  type: 'text',
  text,
  marks: types.map((type) => ({ type })),
});

export function doc(...blocks: readonly JsonObject[]): Content {
  return readLegacy('prosemirror', JSON.stringify({ type: 'doc', content: blocks }));
}

type Blocks = readonly JsonObject[];

/** The merge of three lists of blocks, and the same three with the sides exchanged. */
export function merged(base: Blocks, ours: Blocks, theirs: Blocks): Merge {
  return merge3(doc(...base), doc(...ours), doc(...theirs));
}

/** The blocks as canonical content has them, for comparing. */
export function blocks(...given: Blocks): unknown {
  return (doc(...given).value as JsonObject).content;
}

export function blocksOf({ content }: Merge): unknown {
  return (content.value as JsonObject).content;
}
