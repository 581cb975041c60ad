import { type Content, contentOf } from './content.ts';
import type { JsonObject } from './json.ts';
import { plainText } from './merge/block-texts.ts';
import { childrenOf } from './merge/kinds.ts';

/**
 * A document with these texts in paragraphs of their own at its end, those that it does not show already; null where it shows all.
 * Only a tree of blocks strands a text.
 */
export function rescue(content: Content, texts: readonly string[]): Content | null {
  const shown = plainText(content);
  const missing = texts.filter((text) => !shown.includes(text));
  if (missing.length === 0 || content.format !== 'prosemirror') return null;
  const document = content.value as JsonObject;
  const paragraphs = missing.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] }));
  return contentOf('prosemirror', { ...document, content: [...childrenOf(document), ...paragraphs] });
}
