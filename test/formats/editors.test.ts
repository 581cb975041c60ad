import * as tiptap from '@tiptap/y-tiptap';
import { schema as markdownSchema } from 'prosemirror-markdown';
import { Fragment, Node, Schema, Slice } from 'prosemirror-model';
import quill from 'quill-delta';
import { describe, expect, it } from 'vitest';
import * as prosemirror from 'y-prosemirror';
import * as Y from 'yjs';
import { decodeState, encodeChange, encodeSeed, readLegacy } from '../../src/formats/index.ts';
import { given, IDENTITY } from './arbitraries.ts';

const SHAPE = { format: 'prosemirror', fragment: 'default' } as const;

/** The Markdown schema, with comments that may overlap and a top node with attributes. */
const schema = new Schema({
  nodes: markdownSchema.spec.nodes.update('doc', {
    content: 'block+',
    attrs: { lang: { default: null } },
  }),
  marks: markdownSchema.spec.marks.addToEnd('comment', { attrs: { id: {} }, excludes: '' }),
});

const text = (content: string, ...marks: unknown[]) => ({ type: 'text', text: content, marks });
const comment = (id: number) => ({ type: 'comment', attrs: { id } });
const link = { type: 'link', attrs: { href: 'https://example.org', title: null } };

const PLAIN = {
  type: 'doc',
  content: [
    {
      type: 'heading',
      attrs: { level: 2 },
      content: [text('Overlapping '), text('comments', { type: 'em' })],
    },
    {
      type: 'paragraph',
      content: [
        text('one', comment(1)),
        text('two', comment(1), comment(2)),
        text('three', comment(2)),
        text(' four 😀'),
      ],
    },
    {
      type: 'ordered_list',
      attrs: { order: 3, tight: true },
      content: [{ type: 'list_item', content: [{ type: 'paragraph' }] }],
    },
    { type: 'code_block', attrs: { params: 'ts' }, content: [text('a\n\tb')] },
    { type: 'horizontal_rule' },
  ],
};

/** What a stock layout has no place for: a link around an image, an attribute of the top node. */
const RICH = {
  ...PLAIN,
  attrs: { lang: 'en' },
  content: [
    ...PLAIN.content,
    {
      type: 'paragraph',
      content: [
        text('see '),
        { type: 'image', attrs: { src: '/a.png', alt: null, title: null }, marks: [link] },
        text(' there'),
      ],
    },
  ],
};

const EDITORS = [
  ['y-prosemirror', prosemirror],
  ['y-tiptap', tiptap],
] as const;

describe.each(EDITORS)('a %s editor', (_, editor) => {
  it('opens a seed and shows the very document, overlapping marks included', () => {
    const { doc } = open(PLAIN);
    const { doc: shown } = editor.initProseMirrorDoc(doc.getXmlFragment('default'), schema);
    shown.check();
    expect(shown.eq(Node.fromJSON(schema, PLAIN))).toBe(true);
    const json = editor.yXmlFragmentToProsemirrorJSON(doc.getXmlFragment('default'));
    expect(readLegacy('prosemirror', JSON.stringify(json)).canonical).toBe(canonical(PLAIN));
  });

  it('opening a document changes nothing in it', () => {
    const { doc, state } = open(RICH);
    editor.initProseMirrorDoc(doc.getXmlFragment('default'), schema);
    expect(Y.encodeStateAsUpdate(doc)).toEqual(state);
  });

  it('opens all but what its layout has no place for', () => {
    const { doc } = open(RICH);
    const { doc: shown } = editor.initProseMirrorDoc(doc.getXmlFragment('default'), schema);
    shown.check();
    expect(withoutBeside(shown)).toBe(withoutBeside(Node.fromJSON(schema, RICH)));
  });

  it('writes a state that decodes to what it shows', () => {
    const doc = editor.prosemirrorToYDoc(Node.fromJSON(schema, PLAIN), 'default');
    expect(decodeState(Y.encodeStateAsUpdate(doc), SHAPE).canonical).toBe(canonical(PLAIN));
  });

  it('edits elsewhere, and in the same paragraph, and the linked image keeps its link', () => {
    const { doc } = open(RICH);
    type(editor, doc, 'Overlapping', 'Still ');
    type(editor, doc, 'see ', 'Go and ');
    type(editor, doc, ' there', ' right');
    const decoded = decodeState(Y.encodeStateAsUpdate(doc), SHAPE);
    const expected = JSON.stringify(RICH)
      .replace('Overlapping', 'Still Overlapping')
      .replace('"see ', '"Go and see ')
      .replace('" there', '" right there');
    expect(decoded.canonical).toBe(canonical(JSON.parse(expected)));
  });

  it('changes the image itself, and it keeps its link', () => {
    const { doc } = open(RICH);
    edit(editor, doc, (json) => json.replace('/a.png', '/b.png'));
    const decoded = decodeState(Y.encodeStateAsUpdate(doc), SHAPE);
    expect(decoded.canonical).toBe(canonical(JSON.parse(JSON.stringify(RICH).replace('/a.png', '/b.png'))));
  });

  it('deletes the image: its link goes with it and the rest stays exact', () => {
    const { doc } = open(RICH);
    edit(editor, doc, (json) => json.replace(/\{"type":"image".*?\}\},?/, ''));
    const decoded = decodeState(Y.encodeStateAsUpdate(doc), SHAPE);
    expect(decoded.canonical).not.toContain('link');
    expect(decoded.canonical).toContain('"see  there"');
    expect(decoded.canonical).toContain('"lang":"en"');
  });

  it('takes over a change made on the server, and the server one made in the editor', () => {
    const { doc } = open(RICH);
    type(editor, doc, 'Overlapping', 'Still ');
    const state = Y.encodeStateAsUpdate(doc);
    const target = readLegacy('prosemirror', JSON.stringify(RICH).replace('"three"', '"drei und mehr"'));
    Y.applyUpdate(doc, encodeChange(state, target, SHAPE, { ...IDENTITY, purpose: 'capture' }));
    const { doc: shown } = editor.initProseMirrorDoc(doc.getXmlFragment('default'), schema);
    expect(shown.textContent).toContain('onetwodrei und mehr four');
    expect(decodeState(Y.encodeStateAsUpdate(doc), SHAPE).canonical).toBe(target.canonical);
  });
});

describe('a Quill editor', () => {
  const ops = [
    { insert: 'A heading' },
    { insert: '\n', attributes: { header: 1 } },
    { insert: 'bold', attributes: { bold: true, color: '#f00' } },
    { insert: { image: '/a.png' }, attributes: { link: '/' } },
    { insert: '\n' },
  ];

  it('opens a seed and shows the very document', () => {
    const { content, shape } = given('quill', JSON.stringify({ ops }));
    const doc = docOf(encodeSeed(content, shape, IDENTITY));
    const shown = new quill.default(doc.getText('default').toDelta());
    expect(shown.diff(new quill.default(ops)).ops).toEqual([]);
  });

  it('writes a state that decodes to what it shows', () => {
    const doc = new Y.Doc({ guid: 'test', gc: false });
    doc.getText('default').applyDelta(ops);
    const decoded = decodeState(Y.encodeStateAsUpdate(doc), { format: 'quill', fragment: 'default' });
    expect(decoded.canonical).toBe(readLegacy('quill', JSON.stringify({ ops })).canonical);
  });
});

type Editor = typeof prosemirror | typeof tiptap;

function canonical(json: unknown): string {
  return readLegacy('prosemirror', JSON.stringify(json)).canonical;
}

function docOf(state: Uint8Array): Y.Doc {
  const doc = new Y.Doc({ guid: 'test', gc: false });
  Y.applyUpdate(doc, state);
  return doc;
}

function open(json: unknown): { doc: Y.Doc; state: Uint8Array } {
  const state = encodeSeed(readLegacy('prosemirror', JSON.stringify(json)), SHAPE, IDENTITY);
  return { doc: docOf(state), state };
}

/** A document as text, less the marks on what is not text and the attributes of the top node. */
function withoutBeside(node: Node): string {
  const strip = (child: Node): Node =>
    child.isText ? child : child.type.create(child.attrs, Fragment.from(child.content.content.map(strip)));
  return JSON.stringify(schema.nodes.doc?.create(null, strip(node).content).toJSON());
}

/** Types before a stretch of text, as the editor's binding does it: the new document is synced into the Y.Doc. */
function type(editor: Editor, doc: Y.Doc, before: string, typed: string): void {
  const fragment = doc.getXmlFragment('default');
  const { doc: shown, meta } = editor.initProseMirrorDoc(fragment, schema);
  let at = -1;
  shown.descendants((node, position) => {
    if (at < 0 && node.text?.includes(before)) at = position + node.text.indexOf(before);
  });
  const slice = new Slice(Fragment.from(schema.text(typed)), 0, 0);
  editor.updateYFragment(doc, fragment, shown.replace(at, at, slice), meta);
}

/** Sets the editor's whole content anew: no node is the one it was. */
function edit(editor: Editor, doc: Y.Doc, change: (json: string) => string): void {
  const fragment = doc.getXmlFragment('default');
  const { doc: shown, meta } = editor.initProseMirrorDoc(fragment, schema);
  const next = JSON.parse(change(JSON.stringify(shown.toJSON())));
  editor.updateYFragment(doc, fragment, Node.fromJSON(schema, next), meta);
}
