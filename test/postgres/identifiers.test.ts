import { describe, expect, it } from 'vitest';
import { parseTableName, quoteIdent, quoteTable } from '../../src/postgres/identifiers.ts';

describe('a name', () => {
  it.each([
    ['plain', '"plain"'],
    ['Mixed Case', '"Mixed Case"'],
    ['na"me', '"na""me"'],
    ['"; drop table x; --', '"""; drop table x; --"'],
    ['größe 🙂', '"größe 🙂"'],
  ])('%s is quoted as %s', (name, quoted) => {
    expect(quoteIdent(name)).toBe(quoted);
  });

  it.each(['', 'a\0b'])('that no catalog can hold is refused: %j', (name) => {
    expect(() => quoteIdent(name)).toThrow(expect.objectContaining({ code: 'bad-name', exitCode: 2 }));
  });
});

describe('the name of a table', () => {
  it.each([
    ['documents', 'public', 'documents'],
    ['app.documents', 'app', 'documents'],
    ['App.Documents', 'App', 'Documents'],
    ['"Mixed.Case"."Docs"', 'Mixed.Case', 'Docs'],
    ['app."with ""quotes"""', 'app', 'with "quotes"'],
    ['"my table"', 'public', 'my table'],
    [' app.documents ', 'app', 'documents'],
  ])('%s is read as given', (text, schema, table) => {
    expect(parseTableName(text)).toEqual({ schema, table });
  });

  it.each(['', '.', 'a.', '.b', 'a.b.c', '"open', 'a b', 'a"b', '""', 'a.""', '"a"b', 'a\0b', '"a\0b"'])(
    'is refused when it is none: %j',
    (text) => {
      expect(() => parseTableName(text)).toThrow(
        expect.objectContaining({ code: 'bad-table-name', exitCode: 2 }),
      );
    },
  );

  it('comes back the same after being quoted', () => {
    const name = { schema: 'a.b', table: 'c"d' };
    expect(parseTableName(quoteTable(name))).toEqual(name);
  });
});
