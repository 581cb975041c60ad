import { expect, test } from 'vitest';
import { watchedColumns } from '../../src/documents/capture-statements.ts';
import type { Column, TableFacts } from '../../src/documents/inspect-table.ts';
import type { LegacyTable } from '../../src/documents/stores.ts';

const column = (name: string): Column => ({
  name,
  quoted: `"${name}"`,
  type: 'text',
  declared: 'text',
  notNull: false,
  hasDefault: false,
  unique: false,
});

function watched(where: string | null): readonly string[] {
  const columns = ['id', 'owner', 'content', 'rev', 'archived', 'Kind', 'say "hi"'].map(column);
  const named = (name: string): Column => columns.find((each) => each.name === name) ?? column(name);
  const legacy = {
    facts: { name: 'essays', columns } as unknown as TableFacts,
    quoted: '"public"."essays"',
    id: named('id'),
    owner: named('owner'),
    content: named('content'),
    revision: named('rev'),
    updatedAt: null,
    where,
    isPartitioned: false,
  } satisfies LegacyTable;
  return watchedColumns(legacy).map(({ name }) => name);
}

test.each<[string, string | null, readonly string[]]>([
  ['no condition watches what is mapped', null, ['owner', 'rev']],
  ['a condition adds the columns it mentions', 'archived is null', ['owner', 'rev', 'archived']],
  ['quoted, in any case', '"Kind" <> \'x\' or ARCHIVED', ['owner', 'rev', 'archived', 'Kind']],
  ['with quotes in their names', '"say ""hi""" = 1', ['owner', 'rev', 'say "hi"']],
  [
    'a function of the whole row watches every column',
    'is_live(essays)',
    ['owner', 'rev', 'archived', 'Kind', 'say "hi"'],
  ],
  ['so does one that mentions none', 'is_live()', ['owner', 'rev', 'archived', 'Kind', 'say "hi"']],
  ['and one with escapes', 'U&"\\0061rchived" is null', ['owner', 'rev', 'archived', 'Kind', 'say "hi"']],
])('%s', (_what, where, expected) => {
  expect(watched(where)).toEqual(expected);
});
