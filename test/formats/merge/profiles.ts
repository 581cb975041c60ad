import * as blocks from './block-edits.ts';
import * as nested from './list-and-table-edits.ts';
import * as text from './text-edits.ts';
import type { Doc, Unit } from './tree.ts';
import { setUnits } from './tree.ts';
import type { Edit, Writer } from './writer.ts';

const TYPING = [text.typeWords, text.typeWords, text.deleteWords, text.replaceWords];
const STRUCTURE = [
  blocks.insertParagraph,
  blocks.deleteBlock,
  blocks.split,
  blocks.join,
  blocks.retype,
  blocks.wrap,
  blocks.lift,
];
const LISTS = [nested.insertItem, nested.deleteItem, nested.sinkItem, nested.listType];
const TABLES = [nested.insertRow, nested.deleteRow, nested.insertColumn, nested.deleteColumn];
const IMAGES = [text.insertImage, text.changeImage, text.deleteImage];
const DRESS = [text.mark, blocks.attribute, blocks.headingLevel];

/** What the writers of a profile do, beside typing. */
export const PROFILES = {
  text: [...TYPING, text.rewriteBlock],
  marks: [...TYPING, text.mark, text.mark, text.mark],
  attributes: [text.typeWords, blocks.attribute, blocks.attribute, blocks.headingLevel],
  'paragraph deletion': [...TYPING, blocks.insertParagraph, blocks.deleteBlock, blocks.deleteTopBlock],
  'split and join': [...TYPING, blocks.split, blocks.split, blocks.join, blocks.join],
  'retype and wrap': [...TYPING, blocks.retype, blocks.wrap, blocks.lift],
  lists: [...TYPING, ...LISTS, blocks.split],
  tables: [...TYPING, ...TABLES],
  headings: [...TYPING, blocks.headingLevel, blocks.retype, blocks.split],
  'code blocks': [...TYPING, blocks.retype, blocks.split, blocks.join],
  images: [...TYPING, ...IMAGES, blocks.rule],
  'mix without moves': [...TYPING, ...STRUCTURE, ...LISTS, ...TABLES, ...IMAGES, ...DRESS, blocks.rule],
  moves: [...TYPING, blocks.move, blocks.move, blocks.split],
  mix: [
    ...TYPING,
    ...STRUCTURE,
    ...LISTS,
    ...TABLES,
    ...IMAGES,
    ...DRESS,
    blocks.rule,
    blocks.move,
    blocks.move,
  ],
} satisfies Record<string, readonly Edit[]>;

/** Edits that change what stands in what, and delete no word. */
export const RESTRUCTURING: readonly Edit[] = [
  blocks.insertParagraph,
  blocks.split,
  blocks.join,
  blocks.retype,
  blocks.wrap,
  blocks.lift,
  blocks.attribute,
  blocks.headingLevel,
  blocks.rule,
  nested.insertItem,
  nested.sinkItem,
  nested.listType,
  nested.insertRow,
  nested.insertColumn,
  text.mark,
  text.insertImage,
  text.changeImage,
];

export const TYPING_ONLY: readonly Edit[] = [text.typeWords];

export type Profile = keyof typeof PROFILES;

export const NAMES = Object.keys(PROFILES) as readonly Profile[];

/** Only there may a word stand twice: one side took its block elsewhere while the other cut it up. */
export function moves(profile: Profile): boolean {
  return profile === 'moves' || profile === 'mix';
}

/** A document with a part of each kind that the profile's edits need, and as much plain text. */
export function firstDocument(writer: Writer): Doc {
  const parts = Array.from({ length: 3 + writer.below(6) }, () => part(writer));
  return { type: 'doc', content: parts };
}

function part(writer: Writer): Doc {
  const words = (most: number, attrs?: Record<string, unknown>, type = 'paragraph'): Doc => {
    const block: Doc = attrs === undefined ? { type } : { type, attrs };
    setUnits(block, dressed(text.newUnits(writer, most), type, writer));
    return block;
  };
  const item = (): Doc => ({ type: 'list_item', content: [words(5)] });
  const cell = (): Doc => ({ type: 'table_cell', content: [words(3)] });
  const many = (one: () => Doc, least: number) => Array.from({ length: least + writer.below(3) }, one);
  switch (writer.below(12)) {
    case 0:
      return words(4, { level: 1 + writer.below(3) }, 'heading');
    case 1:
      return words(8, { params: 'ts' }, 'code_block');
    case 2:
      return { type: 'blockquote', content: many(() => words(8), 1) };
    case 3:
      return { type: 'bullet_list', content: many(item, 1) };
    case 4: {
      const nested = { type: 'bullet_list', content: many(item, 1) };
      return {
        type: 'ordered_list',
        attrs: { order: 1 },
        content: [...many(item, 1), { type: 'list_item', content: [words(4), nested] }],
      };
    }
    case 5: {
      const width = 1 + writer.below(3);
      const row = () => ({ type: 'table_row', content: Array.from({ length: width }, cell) });
      return { type: 'table', content: many(row, 1) };
    }
    case 6:
      return writer.below(2) === 0 ? { type: 'horizontal_rule' } : { type: 'paragraph' };
    default:
      return words(14);
  }
}

function dressed(units: Unit[], type: string, writer: Writer): Unit[] {
  if (type === 'code_block') return units;
  const bold = writer.below(units.length * 2);
  const result: Unit[] = units.map((unit, index) =>
    index === bold ? { ...unit, marks: [{ type: 'strong' }] } : unit,
  );
  if (writer.below(5) === 0) {
    const src = `/base-${writer.below(1_000_000)}.png`;
    result.push({ atom: { type: 'image', attrs: { src, alt: null, title: null } }, marks: [] });
  }
  return result;
}
