import { type Doc, isTextBlock, type Mark, setUnits, spots, type Unit, unitsOf } from './tree.ts';
import type { Edit, Writer } from './writer.ts';

const MARKS: readonly Mark[] = [
  { type: 'strong' },
  { type: 'em' },
  { type: 'link', attrs: { href: '/one', title: null } },
  { type: 'comment', attrs: { id: 1 } },
  { type: 'comment', attrs: { id: 2 } },
];

function textBlocks(document: Doc, fewest: number): readonly Doc[] {
  return spots(document, (node) => isTextBlock(node) && unitsOf(node).length >= fewest).map(
    ({ node }) => node,
  );
}

export function newUnits(writer: Writer, most: number): Unit[] {
  return Array.from({ length: 1 + writer.below(most) }, () => ({ word: writer.newWord(), marks: [] }));
}

export function wordsOfUnits(units: readonly Unit[]): readonly string[] {
  return units.flatMap(({ word }) => (word === undefined ? [] : [word]));
}

export const typeWords: Edit = (document, writer) => {
  const block = writer.pick(textBlocks(document, 0));
  if (block === undefined) return false;
  const units = unitsOf(block);
  units.splice(writer.below(units.length + 1), 0, ...newUnits(writer, 4));
  setUnits(block, units);
  return true;
};

export const deleteWords: Edit = (document, writer) => {
  const block = writer.pick(textBlocks(document, 1));
  if (block === undefined) return false;
  const units = unitsOf(block);
  const gone = units.splice(writer.below(units.length), 1 + writer.below(4));
  writer.forget(wordsOfUnits(gone));
  setUnits(block, units);
  return true;
};

export const replaceWords: Edit = (document, writer) => {
  const block = writer.pick(textBlocks(document, 1));
  if (block === undefined) return false;
  const units = unitsOf(block);
  const gone = units.splice(writer.below(units.length), 1 + writer.below(4), ...newUnits(writer, 3));
  writer.forget(wordsOfUnits(gone));
  setUnits(block, units);
  return true;
};

export const rewriteBlock: Edit = (document, writer) => {
  const block = writer.pick(textBlocks(document, 1));
  if (block === undefined) return false;
  writer.forget(wordsOfUnits(unitsOf(block)));
  setUnits(block, newUnits(writer, 8));
  return true;
};

export const mark: Edit = (document, writer) => {
  const blocks = textBlocks(document, 1).filter(({ type }) => type !== 'code_block');
  const [block, chosen] = [writer.pick(blocks), writer.pick(MARKS)];
  if (block === undefined || chosen === undefined) return false;
  const units = unitsOf(block);
  const from = writer.below(units.length);
  const to = from + 1 + writer.below(3);
  const key = JSON.stringify(chosen);
  const remove = writer.below(3) === 0;
  const changed = units.map((unit, index): Unit => {
    if (index < from || index >= to) return unit;
    const others = unit.marks.filter((one) => JSON.stringify(one) !== key);
    return { ...unit, marks: remove ? others : [...others, chosen].sort(byKey) };
  });
  setUnits(block, changed);
  return true;
};

function byKey(one: Mark, two: Mark): number {
  if (one.type !== two.type) return one.type < two.type ? -1 : 1;
  return JSON.stringify(one) < JSON.stringify(two) ? -1 : 1;
}

export const insertImage: Edit = (document, writer) => {
  const blocks = textBlocks(document, 0).filter(({ type }) => type !== 'code_block');
  const block = writer.pick(blocks);
  if (block === undefined) return false;
  const units = unitsOf(block);
  const atom =
    writer.below(3) === 0
      ? { type: 'hard_break' }
      : { type: 'image', attrs: { src: `/${writer.below(1_000_000)}.png`, alt: null, title: null } };
  units.splice(writer.below(units.length + 1), 0, { atom, marks: [] });
  setUnits(block, units);
  return true;
};

export const changeImage: Edit = (document, writer) => {
  const image = writer.pick(spots(document, ({ type }) => type === 'image'));
  if (image === undefined) return false;
  const key = writer.pick(['src', 'alt', 'title']) ?? 'src';
  image.node.attrs = { ...image.node.attrs, [key]: `${key}-${writer.below(1_000)}` };
  return true;
};

export const deleteImage: Edit = (document, writer) => {
  const image = writer.pick(spots(document, ({ type }) => type === 'image' || type === 'hard_break'));
  if (image === undefined) return false;
  const units = unitsOf(image.parent).filter(({ atom }) => atom !== image.node);
  setUnits(image.parent, units);
  return true;
};
