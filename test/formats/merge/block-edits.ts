import { newUnits } from './text-edits.ts';
import { type Doc, isTextBlock, type Spot, setUnits, spots, unitsOf, wordsIn } from './tree.ts';
import type { Edit, Writer } from './writer.ts';

const CAN_HOLD_BLOCKS = new Set(['doc', 'blockquote', 'list_item', 'table_cell']);

function paragraphSpots(document: Doc): readonly Spot[] {
  return spots(document, (node, parent) => isTextBlock(node) && CAN_HOLD_BLOCKS.has(parent.type));
}

export function paragraph(writer: Writer, most: number): Doc {
  const block: Doc = { type: 'paragraph' };
  setUnits(block, newUnits(writer, most));
  return block;
}

/** Takes a node out, and whatever would be left empty around it; a document keeps an empty paragraph at least. */
export function remove(document: Doc, spot: Spot): void {
  spot.parent.content?.splice(spot.index, 1);
  const first = spot.parent.content?.[0];
  if (spot.parent === document) {
    if (first === undefined) document.content = [{ type: 'paragraph' }];
  } else if (first === undefined) {
    const around = spots(document, (node) => node === spot.parent)[0];
    if (around !== undefined) remove(document, around);
  } else if (spot.parent.type === 'list_item' && first.type !== 'paragraph') {
    spot.parent.content?.unshift({ type: 'paragraph' });
  }
}

export const insertParagraph: Edit = (document, writer) => {
  const spot = writer.pick(paragraphSpots(document));
  if (spot === undefined) return false;
  const at = spot.index + (spot.parent.type === 'list_item' ? 1 : writer.below(2));
  spot.parent.content?.splice(at, 0, paragraph(writer, 6));
  return true;
};

export const deleteBlock: Edit = (document, writer) => {
  const inTable = new Set(spots(document, ({ type }) => type === 'table_cell').map(({ node }) => node));
  const spot = writer.pick(paragraphSpots(document).filter(({ parent }) => !inTable.has(parent)));
  if (spot === undefined) return false;
  writer.forget(wordsIn(spot.node).map(({ word }) => word));
  remove(document, spot);
  return true;
};

export const deleteTopBlock: Edit = (document, writer) => {
  const spot = writer.pick(spots(document, (_, parent) => parent === document));
  if (spot === undefined) return false;
  writer.forget(wordsIn(spot.node).map(({ word }) => word));
  remove(document, spot);
  return true;
};

export const split: Edit = (document, writer) => {
  const spot = writer.pick(paragraphSpots(document).filter(({ node }) => unitsOf(node).length > 1));
  if (spot === undefined) return false;
  const units = unitsOf(spot.node);
  const at = 1 + writer.below(units.length - 1);
  const second: Doc = { ...structuredClone(spot.node), content: [] };
  setUnits(second, units.slice(at));
  setUnits(spot.node, units.slice(0, at));
  spot.parent.content?.splice(spot.index + 1, 0, second);
  return true;
};

export const join: Edit = (document, writer) => {
  const joinable = paragraphSpots(document).filter(({ node, parent, index }) => {
    const next = parent.content?.[index + 1];
    // Joining with an empty block says the same as deleting that, and then what is typed there has no home.
    const isFull = (block: Doc | undefined) =>
      block !== undefined && isTextBlock(block) && unitsOf(block).length > 0;
    return isFull(node) && isFull(next) && next?.type === node.type;
  });
  const spot = writer.pick(joinable);
  const next = spot?.parent.content?.[spot.index + 1];
  if (spot === undefined || next === undefined) return false;
  setUnits(spot.node, [...unitsOf(spot.node), ...unitsOf(next)]);
  spot.parent.content?.splice(spot.index + 1, 1);
  return true;
};

export const move: Edit = (document, writer) => {
  const parents = spots(document, ({ type, content }) => /list$/.test(type) && (content?.length ?? 0) > 1);
  const parent = writer.below(3) === 0 ? (writer.pick(parents)?.node ?? document) : document;
  const content = parent.content ?? [];
  if (content.length < 2) return false;
  const from = writer.below(content.length);
  const moved = content.splice(from, 1);
  content.splice(writer.below(content.length + 1), 0, ...moved);
  return true;
};

export const retype: Edit = (document, writer) => {
  const full = paragraphSpots(document).filter(({ node }) => unitsOf(node).length > 0);
  const spot = writer.pick(full.filter(({ parent }) => parent.type !== 'list_item'));
  if (spot === undefined) return false;
  const units = unitsOf(spot.node);
  const kinds = [
    { type: 'paragraph' },
    { type: 'heading', attrs: { level: 1 + writer.below(3) } },
    ...(units.every(({ atom }) => atom === undefined)
      ? [{ type: 'code_block', attrs: { params: 'ts' } }]
      : []),
  ];
  const kind = writer.pick(kinds) ?? { type: 'paragraph' };
  spot.node.type = kind.type;
  spot.node.attrs = { ...spot.node.attrs, level: null, params: null, ...kind.attrs };
  setUnits(spot.node, kind.type === 'code_block' ? units.map((unit) => ({ ...unit, marks: [] })) : units);
  return true;
};

export const wrap: Edit = (document, writer) => {
  const content = document.content ?? [];
  const from = writer.below(content.length);
  const count = 1 + writer.below(2);
  const wrapped = content.slice(from, from + count);
  const inList = writer.below(2) === 0 && wrapped.every(({ type }) => type === 'paragraph');
  const node: Doc = inList
    ? { type: 'bullet_list', content: wrapped.map((child) => ({ type: 'list_item', content: [child] })) }
    : { type: 'blockquote', content: wrapped };
  content.splice(from, count, node);
  return true;
};

export const lift: Edit = (document, writer) => {
  const spot = writer.pick(spots(document, ({ type }) => type === 'blockquote' || /list$/.test(type)));
  if (spot === undefined || !CAN_HOLD_BLOCKS.has(spot.parent.type)) return false;
  const children = spot.node.content ?? [];
  const lifted =
    spot.node.type === 'blockquote' ? children : children.flatMap(({ content }) => content ?? []);
  spot.parent.content?.splice(spot.index, 1, ...lifted);
  return true;
};

export const headingLevel: Edit = (document, writer) => {
  const spot = writer.pick(spots(document, ({ type }) => type === 'heading'));
  if (spot === undefined) return false;
  spot.node.attrs = { ...spot.node.attrs, level: 1 + writer.below(6) };
  return true;
};

export const attribute: Edit = (document, writer) => {
  const nodes = [document, ...spots(document, ({ type }) => type !== 'hard_break').map(({ node }) => node)];
  const node = writer.pick(nodes);
  if (node === undefined) return false;
  const key = writer.pick(['align', 'dir', 'color']) ?? 'align';
  const value = writer.pick(['left', 'right', 'center', null]);
  node.attrs = { ...node.attrs, [key]: value };
  return true;
};

export const rule: Edit = (document, writer) => {
  const rules = spots(document, ({ type }) => type === 'horizontal_rule');
  const one = writer.below(3) === 0 ? writer.pick(rules) : undefined;
  if (one !== undefined) remove(document, one);
  else document.content?.splice(writer.below(document.content.length + 1), 0, { type: 'horizontal_rule' });
  return true;
};
