import { Node, Schema } from 'prosemirror-model';
import { initProseMirrorDoc } from 'y-prosemirror';
import * as Y from 'yjs';
import { type Content, encodeSeed } from '../../../src/formats/index.ts';
import { IDENTITY } from '../arbitraries.ts';

const dress = { align: { default: null }, dir: { default: null }, color: { default: null } };
const block = { attrs: dress, group: 'block' };

/** As strict as editors' schemas are: items begin with a paragraph, rows hold cells only, code holds no marks. */
const schema = new Schema({
  nodes: {
    doc: { content: 'block+', attrs: dress },
    paragraph: { ...block, content: 'inline*' },
    heading: { ...block, content: 'inline*', attrs: { ...dress, level: { default: 1 } } },
    code_block: { ...block, content: 'text*', marks: '', attrs: { ...dress, params: { default: '' } } },
    blockquote: { ...block, content: 'block+' },
    horizontal_rule: block,
    bullet_list: { ...block, content: 'list_item+' },
    ordered_list: { ...block, content: 'list_item+', attrs: { ...dress, order: { default: 1 } } },
    list_item: { content: 'paragraph block*', attrs: dress },
    table: { ...block, content: 'table_row+' },
    table_row: { content: 'table_cell+', attrs: dress },
    table_cell: { content: 'block+', attrs: dress },
    text: { group: 'inline' },
    image: {
      inline: true,
      group: 'inline',
      attrs: { ...dress, src: {}, alt: { default: null }, title: { default: null } },
    },
    hard_break: { inline: true, group: 'inline' },
  },
  marks: {
    link: { attrs: { href: {}, title: { default: null } } },
    strong: {},
    em: {},
    comment: { attrs: { id: {} }, excludes: '' },
  },
});

/** What an editor would find wrong with a document; nothing if it opens it as it is. */
export function whyNoEditorOpens(content: Content, through: 'json' | 'yjs'): string | undefined {
  try {
    const node = Node.fromJSON(schema, content.value);
    node.check();
    if (through === 'json') return undefined;
    const doc = new Y.Doc({ guid: 'test', gc: false });
    Y.applyUpdate(doc, encodeSeed(content, { format: 'prosemirror', fragment: 'default' }, IDENTITY));
    const shown = initProseMirrorDoc(doc.getXmlFragment('default'), schema).doc;
    const same = shown.textContent === node.textContent && shown.childCount === node.childCount;
    return same ? undefined : 'the editor shows something else';
  } catch (error) {
    return String(error);
  }
}
