import { readFileSync } from 'node:fs';
import { defaultMarkdownParser, schema } from 'prosemirror-markdown';
import { Fragment, Node } from 'prosemirror-model';
import { describe, expect, it } from 'vitest';
import { initProseMirrorDoc } from 'y-prosemirror';
import * as Y from 'yjs';
import {
  applyUpdate,
  decodeState,
  encodeChange,
  encodeSeed,
  readLegacy,
  writeLegacy,
} from '../../src/formats/index.ts';
import { IDENTITY, PATIENT } from './arbitraries.ts';
import { sampleOfReadmes } from './readmes.ts';

const SHAPE = { format: 'prosemirror', fragment: 'default' } as const;
const SAMPLE = 60;

/** The READMEs of the installed packages: written by hundreds of people, a fifth with linked images. */
const documents = sampleOfReadmes(SAMPLE).map((path) => ({
  path,
  markdown: readFileSync(path, 'utf8'),
  node: defaultMarkdownParser.parse(readFileSync(path, 'utf8')),
}));

describe('real documents', PATIENT, () => {
  it('are a fair sample: many, long and short, with linked images among them', () => {
    expect(documents.length).toBe(SAMPLE);
    expect(documents.filter(({ node }) => hasLinkedImage(node)).length).toBeGreaterThan(5);
  });

  it.each(documents)('$path goes in and comes out exactly, and y-prosemirror shows it', ({ node }) => {
    const content = readLegacy('prosemirror', JSON.stringify(node.toJSON()));
    const seed = encodeSeed(content, SHAPE, IDENTITY);
    const decoded = decodeState(seed, SHAPE);
    expect(decoded.canonical).toBe(content.canonical);
    expect(Node.fromJSON(schema, JSON.parse(writeLegacy(decoded))).eq(node)).toBe(true);

    const doc = new Y.Doc({ guid: 'test', gc: false });
    Y.applyUpdate(doc, seed);
    const shown = initProseMirrorDoc(doc.getXmlFragment('default'), schema).doc;
    expect(shown.eq(withoutMarksOnNodes(node))).toBe(true);
  });

  it('stay exact as Markdown and as plain text', () => {
    for (const { markdown } of documents) {
      const content = readLegacy('markdown', markdown);
      const shape = { format: 'markdown', fragment: 'default' } as const;
      expect(writeLegacy(decodeState(encodeSeed(content, shape, IDENTITY), shape))).toBe(markdown);
    }
  });

  it('are turned into each other exactly', () => {
    const small = documents.filter(({ markdown }) => markdown.length < 10_000).slice(0, 6);
    for (const [index, { node }] of small.entries()) {
      const next = small[(index + 1) % small.length]?.node ?? node;
      const target = readLegacy('prosemirror', JSON.stringify(next.toJSON()));
      const state = encodeSeed(readLegacy('prosemirror', JSON.stringify(node.toJSON())), SHAPE, IDENTITY);
      const update = encodeChange(state, target, SHAPE, { ...IDENTITY, purpose: 'repair' });
      expect(decodeState(applyUpdate(state, update), SHAPE).canonical).toBe(target.canonical);
    }
  });
});

function hasLinkedImage(node: Node): boolean {
  let found = false;
  node.descendants((child) => {
    found ||= !child.isText && child.marks.length > 0;
  });
  return found;
}

function withoutMarksOnNodes(node: Node): Node {
  if (node.isText) return node;
  return node.type.create(node.attrs, Fragment.from(node.content.content.map(withoutMarksOnNodes)));
}
