import { clientIdOf, type SeedIdentity, type StateShape } from './client-id.ts';
import type { Content } from './content.ts';
import type { JsonObject } from './json.ts';
import { besideRoot, entriesOfQuill, entriesOfTopNode, nodeEntry } from './layout.ts';
import { opsOf } from './quill.ts';
import { NO_FORMATS, runOfOp, runsOfPieces } from './runs.ts';
import { SeedWriter } from './seed-writer.ts';
import { type ElementTree, treeOf } from './tree.ts';

/**
 * The Yjs V1 update that makes an empty document hold this content: byte-identical on any machine. One client id, one
 * order (a node, its attributes by name, its children; what stands beside comes last), nothing else in it. Empty
 * content gives an empty update.
 */
export function encodeSeed(content: Content, shape: StateShape, identity: SeedIdentity): Uint8Array {
  const { fingerprint, value } = content;
  const client = clientIdOf({ ...identity, purpose: 'seed', shape, fingerprint });
  // Real documents come out at 0.8 to 1.1 of their JSON: reserve so much that few have to grow.
  const writer = new SeedWriter(client, Math.ceil(content.canonical.length * 1.2) + 256);
  switch (content.format) {
    case 'prosemirror':
      writeProsemirror(writer, client, value as JsonObject, shape.fragment);
      break;
    case 'quill':
      writeQuill(writer, value as JsonObject | readonly JsonObject[], shape.fragment);
      break;
    case 'markdown':
    case 'text':
      if (value !== '') writer.runs(shape.fragment, [{ insert: value as string, formats: NO_FORMATS }]);
  }
  return writer.finish();
}

function writeProsemirror(writer: SeedWriter, client: number, top: JsonObject, fragment: string): void {
  const beside: [clock: number, extra: JsonObject][] = [];
  writeChildren(writer, fragment, treeOf(top), beside);
  for (const [key, value] of entriesOfTopNode(top)) writer.entry(besideRoot(fragment), key, value);
  for (const [clock, extra] of beside) writer.entry(besideRoot(fragment), nodeEntry(client, clock), extra);
}

/** Recursion is bounded: canonical content nests no deeper than MAX_NODE_DEPTH. */
function writeChildren(
  writer: SeedWriter,
  parent: string | number,
  tree: ElementTree,
  beside: [clock: number, extra: JsonObject][],
): void {
  let left: number | null = null;
  for (const child of tree.children) {
    if (child.kind === 'text') {
      left = writer.xmlText(parent, left);
      writer.runs(left, runsOfPieces(child.texts));
      continue;
    }
    left = writer.element(parent, left, child.type);
    for (const [name, value] of Object.entries(child.attrs)) writer.entry(left, name, value);
    if (child.extra !== undefined) beside.push([left, child.extra]);
    writeChildren(writer, left, child, beside);
  }
}

function writeQuill(
  writer: SeedWriter,
  document: JsonObject | readonly JsonObject[],
  fragment: string,
): void {
  writer.runs(fragment, opsOf(document).map(runOfOp));
  for (const [key, value] of entriesOfQuill(document)) writer.entry(besideRoot(fragment), key, value);
}
