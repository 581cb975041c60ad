import { Schema } from 'prosemirror-model';
import { schema as markdown } from 'prosemirror-markdown';
import { updateYFragment } from 'y-prosemirror';
import * as Y from 'yjs';
import { encodeChange, encodeSeed, readLegacy } from '../../dist/formats/index.js';

const SHAPE = { format: 'prosemirror', fragment: 'default' };
const IDENTITY = { documentId: 'bench', lineage: '1', revision: '1' };

/** Bytes of the update that a change of two words in two paragraphs makes: ours beside y-prosemirror's differ. */
export function benchUpdateBytes(readmes, most) {
  const sizes = readmes
    .filter(({ content }) => paragraphsOf(content).length > 2)
    .slice(0, most)
    .map(({ content }) => sizesOf(content));
  const median = (of) => sizes.map(of).sort((a, b) => a - b)[sizes.length >> 1];
  const largest = (of) => Math.max(...sizes.map(of));
  return [
    row('bytes of an edit in two paragraphs, median', median(({ ours }) => ours), median(({ peer }) => peer), 'hundreds'),
    row('bytes of an edit in two paragraphs, largest', largest(({ ours }) => ours), largest(({ peer }) => peer), ''),
  ];
}

const row = (what, ours, peer, target) => ({ what, ours, peer, unit: 'B', target });

function sizesOf(content) {
  const seed = encodeSeed(readLegacy('prosemirror', JSON.stringify(content)), SHAPE, IDENTITY);
  const edited = structuredClone(content);
  const paragraphs = paragraphsOf(edited);
  for (const node of [paragraphs[0], paragraphs.at(-1)]) node.content[0].text += ' changed';
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
  doc.transact(() => updateYFragment(doc, doc.getXmlFragment('default'), node, { mapping: new Map(), isOMark: new Map() }));
  return Y.encodeStateAsUpdate(doc, before).length;
}

const paragraphsOf = (content) =>
  content.content.filter(({ type, content: inner }) => type === 'paragraph' && inner?.[0]?.type === 'text' && !inner[0].marks);
