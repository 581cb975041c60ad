import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type Node, type Place, quoteBody, typeIntoJson, typeIntoReplica } from '../../src/demo/places.ts';
import type { StateShape } from '../../src/formats/index.ts';
import { decodeState, encodeSeed, readLegacy } from '../../src/formats/index.ts';

const SHAPE: StateShape = { format: 'prosemirror', fragment: 'default' };
const block = (type: string, ...texts: readonly string[]): Node => ({
  type,
  content: texts.map((text) => ({ type: 'text', text })),
});
const essay = (): Node => ({
  type: 'doc',
  content: [
    block('heading', 'A title'),
    block('paragraph', 'Short.'),
    block('paragraph', 'The longest paragraph there is.'),
    { type: 'bullet_list', content: [{ type: 'list_item', content: [block('paragraph', 'An item')] }] },
  ],
});
const canonical = (document: Node): string => readLegacy('prosemirror', JSON.stringify(document)).canonical;

describe('a word typed', () => {
  it.each([
    ['top', '"A title WORD"'],
    ['body', '"The longest paragraph there is. WORD"'],
    ['bottom', '"An item WORD"'],
  ] as const)('at the %s stands there in either editor', (place: Place, text) => {
    const document = essay();
    typeIntoJson(document, 'WORD', place);
    expect(canonical(document)).toContain(text);
    expect(typedIntoReplica(essay(), place)).toBe(canonical(document));
  });

  it('into a document without any text gets a paragraph in either editor', () => {
    const document: Node = { type: 'doc', content: [{ type: 'horizontal_rule' }] };
    const replica = typedIntoReplica(document, 'body');
    typeIntoJson(document, 'WORD', 'body');
    expect(replica).toBe(canonical(document));
  });
});

it('a quotation is made of the longest paragraph, and of nothing else', () => {
  const document = essay();
  quoteBody(document);
  expect(document.content?.map(({ type }) => type)).toEqual([
    'heading',
    'paragraph',
    'blockquote',
    'bullet_list',
  ]);
  expect(document.content?.[2]?.content).toEqual([block('paragraph', 'The longest paragraph there is.')]);
});

function typedIntoReplica(document: Node, place: Place): string {
  const content = readLegacy('prosemirror', JSON.stringify(document));
  const replica = new Y.Doc({ gc: false });
  const seed = encodeSeed(content, SHAPE, { documentId: 'a', lineage: 'l', revision: '1' });
  Y.applyUpdate(replica, seed);
  typeIntoReplica(replica.getXmlFragment('default'), 'WORD', place);
  return decodeState(Y.encodeStateAsUpdate(replica), SHAPE).canonical;
}
