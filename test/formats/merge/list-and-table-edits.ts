import { paragraph, remove } from './block-edits.ts';
import { type Doc, type Spot, spots, wordsIn } from './tree.ts';
import type { Edit, Writer } from './writer.ts';

function items(document: Doc): readonly Spot[] {
  return spots(document, ({ type }) => type === 'list_item');
}

export const insertItem: Edit = (document, writer) => {
  const spot = writer.pick(items(document));
  if (spot === undefined) return false;
  const item = { type: 'list_item', content: [paragraph(writer, 4)] };
  spot.parent.content?.splice(spot.index + writer.below(2), 0, item);
  return true;
};

export const deleteItem: Edit = (document, writer) => {
  const spot = writer.pick(items(document));
  if (spot === undefined) return false;
  writer.forget(wordsIn(spot.node).map(({ word }) => word));
  remove(document, spot);
  return true;
};

/** Into a list of its own inside the item before. */
export const sinkItem: Edit = (document, writer) => {
  const spot = writer.pick(items(document).filter(({ index }) => index > 0));
  const before = spot?.parent.content?.[spot.index - 1];
  if (spot === undefined || before === undefined) return false;
  spot.parent.content?.splice(spot.index, 1);
  const last = before.content?.at(-1);
  if (last?.type === spot.parent.type) last.content?.push(spot.node);
  else before.content?.push({ type: spot.parent.type, content: [spot.node] });
  return true;
};

export const listType: Edit = (document, writer) => {
  const spot = writer.pick(spots(document, ({ type }) => /list$/.test(type)));
  if (spot === undefined) return false;
  const ordered = spot.node.type === 'ordered_list';
  spot.node.type = ordered ? 'bullet_list' : 'ordered_list';
  spot.node.attrs = ordered ? {} : { order: 1 + writer.below(4) };
  return true;
};

function cell(writer: Writer): Doc {
  return { type: 'table_cell', content: [paragraph(writer, 3)] };
}

function tables(document: Doc): readonly Spot[] {
  return spots(document, ({ type }) => type === 'table');
}

export const insertRow: Edit = (document, writer) => {
  const table = writer.pick(tables(document))?.node;
  const width = table?.content?.[0]?.content?.length ?? 0;
  if (table?.content === undefined) return false;
  const row = { type: 'table_row', content: Array.from({ length: width }, () => cell(writer)) };
  table.content.splice(writer.below(table.content.length + 1), 0, row);
  return true;
};

export const deleteRow: Edit = (document, writer) => {
  const rows = spots(document, ({ type }, { content }) => type === 'table_row' && (content?.length ?? 0) > 1);
  const spot = writer.pick(rows);
  if (spot === undefined) return false;
  writer.forget(wordsIn(spot.node).map(({ word }) => word));
  spot.parent.content?.splice(spot.index, 1);
  return true;
};

export const insertColumn: Edit = (document, writer) => {
  const table = writer.pick(tables(document))?.node;
  const at = writer.below((table?.content?.[0]?.content?.length ?? 0) + 1);
  for (const row of table?.content ?? []) row.content?.splice(at, 0, cell(writer));
  return table !== undefined;
};

export const deleteColumn: Edit = (document, writer) => {
  const table = writer.pick(tables(document))?.node;
  // Rows need not be of one length: a merge may have added a row here and a column there.
  const width = Math.min(...(table?.content ?? []).map(({ content }) => content?.length ?? 0));
  if (table === undefined || width < 2) return false;
  const at = writer.below(width);
  for (const row of table.content ?? []) {
    const gone = row.content?.splice(at, 1) ?? [];
    writer.forget(gone.flatMap(wordsIn).map(({ word }) => word));
  }
  return true;
};
