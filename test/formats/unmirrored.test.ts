import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { countUnmirrored, type StateShape } from '../../src/formats/index.ts';

const counted = (write: (doc: Y.Doc) => void, format: StateShape['format'] = 'prosemirror'): number => {
  const doc = new Y.Doc();
  write(doc);
  return countUnmirrored(Y.encodeStateAsUpdate(doc), { format, fragment: 'default' });
};

/** A paragraph of the document, with a word in it. */
function paragraphOf(doc: Y.Doc): Y.XmlText {
  const paragraph = new Y.XmlElement('paragraph');
  const text = new Y.XmlText('word');
  paragraph.insert(0, [text]);
  doc.getXmlFragment('default').push([paragraph]);
  return text;
}

describe('what the legacy format has no place for', () => {
  test('is nothing of a document with marks, attributes and what stands beside the layout', () => {
    const count = counted((doc) => {
      const text = paragraphOf(doc);
      text.format(0, 2, { strong: {} });
      (text.parent as Y.XmlElement).setAttribute('align', 'right');
      doc.getMap('dualpath:default').set('attr:lang', 'en');
    });
    expect(count).toBe(0);
  });

  test('is each other root that holds something, however much that is', () => {
    const count = counted((doc) => {
      paragraphOf(doc);
      doc.getText('title').insert(0, 'About words');
      doc.getMap('comments').set('c-1', 'well said');
      doc.getMap('comments').set('c-2', new Y.Map([['text', 'not so']]));
      doc.getArray('empty');
    });
    expect(count).toBe(2);
  });

  test('is each embed inside text, and each value where a node belongs', () => {
    const count = counted((doc) => {
      const text = paragraphOf(doc);
      text.insertEmbed(1, { mention: 'ann' });
      text.insertEmbed(3, { mention: 'bob' });
      (doc.getXmlFragment('default') as unknown as Y.Array<unknown>).push([7]);
    });
    expect(count).toBe(3);
  });

  test('is one where it nests, and none where it was deleted', () => {
    const count = counted((doc) => {
      const text = paragraphOf(doc);
      text.insertEmbed(0, { mention: 'ann' });
      text.delete(0, 1);
      const nested = new Y.Array<unknown>();
      (doc.getXmlFragment('default') as unknown as Y.Array<unknown>).push([nested]);
      nested.push([1, 2, new Y.Map([['deep', 'er']])]);
      doc.getMap('comments').set('c-1', 'taken back');
      doc.getMap('comments').delete('c-1');
    });
    expect(count).toBe(1);
  });

  test('depends on the format: an embed has a place in Quill, and marks have none in text', () => {
    const write = (doc: Y.Doc): void => {
      doc.getText('default').insert(0, 'some words');
      doc.getText('default').format(0, 4, { bold: true });
      doc.getText('default').insertEmbed(4, { image: 'a.png' });
    };
    expect(counted(write, 'quill')).toBe(0);
    expect(counted(write, 'text')).toBe(2);
  });
});
