import { schema as markdown } from 'prosemirror-markdown';
import { Schema } from 'prosemirror-model';
import { updateYFragment } from 'y-prosemirror';
import * as Y from 'yjs';
import { encodeChange, encodeSeed, readLegacy } from '../../dist/formats/index.js';

const SHAPE = { format: 'prosemirror', fragment: 'default' };
const IDENTITY = { documentId: 'bench', lineage: '1', revision: '1' };

/** Bytes of the update that an edit makes: ours beside y-prosemirror's differ. */
export function benchUpdateBytes(readmes, most) {
  const contents = readmes
    .map(({ content }) => content)
    .filter((content) => paragraphsOf(content).length > 2)
    .slice(0, most);
  return [
    ...rowsOf('a word put into two paragraphs', contents, (content) => putWords(content)),
    ...rowsOf('the same, and a paragraph between them', contents, (content) => {
      putWords(content);
      content.content.splice(content.content.length >> 1, 0, NEW);
    }),
  ];
}

const NEW = { type: 'paragraph', content: [{ type: 'text', text: 'a paragraph of its own' }] };

function putWords(content) {
  const paragraphs = paragraphsOf(content);
  for (const node of [paragraphs[0], paragraphs.at(-1)])
    node.content[0].text = node.content[0].text.replace(/\S+/, '$& changed');
}

function rowsOf(what, contents, edit) {
  const sizes = contents.map((content) => sizesOf(content, edit));
  const median = (of) => sizes.map(of).sort((a, b) => a - b)[sizes.length >> 1];
  const largest = (of) => Math.max(...sizes.map(of));
  const row = (name, figure, target) => ({
    what: `bytes: ${what}, ${name}`,
    ours: figure(({ ours }) => ours),
    peer: figure(({ peer }) => peer),
    unit: 'B',
    target,
  });
  return [row('median', median, 'hundreds'), row('largest', largest, '')];
}

function sizesOf(content, edit) {
  const seed = encodeSeed(readLegacy('prosemirror', JSON.stringify(content)), SHAPE, IDENTITY);
  const edited = structuredClone(content);
  edit(edited);
  const target = readLegacy('prosemirror', JSON.stringify(edited));
  const ours = encodeChange(seed, target, SHAPE, { ...IDENTITY, purpose: 'save' });
  return { ours: ours.length, peer: byYProsemirror(seed, edited) };
}

function byYProsemirror(seed, edited) {
  const doc = new Y.Doc({ gc: false });
  Y.applyUpdate(doc, seed);
  const before = Y.encodeStateVector(doc);
  const schema = new Schema({ nodes: markdown.spec.nodes, marks: markdown.spec.marks });
  const node = schema.nodeFromJSON(edited);
  doc.transact(() =>
    updateYFragment(doc, doc.getXmlFragment('default'), node, { mapping: new Map(), isOMark: new Map() }),
  );
  return Y.encodeStateAsUpdate(doc, before).length;
}

const paragraphsOf = (content) =>
  content.content.filter(
    ({ type, content: inner }) => type === 'paragraph' && inner?.[0]?.type === 'text' && !inner[0].marks,
  );
