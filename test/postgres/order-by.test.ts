import { describe, expect, it } from 'vitest';
import { sourceText } from '../docs/sources.ts';

const OUTPUT = /::text(?:\[\])? as "?(\w+)"?/g;
const ORDER = /order by ([^`)]*)/g;
const BARE = /(?<![.\w$"'])([a-z_]\w*)(?![\w.(:])/g;

/**
 * Names that a query gives out as text and orders by: Postgres takes the column that is given out before that of the table, so
 * that 9 comes after 10.
 */
function orderedAsText(source: string): readonly string[] {
  const queries = source.match(/`(?:[^`\\]|\\.)*`/g) ?? [];
  return queries.flatMap((query) =>
    [...query.matchAll(ORDER)].flatMap((order) => {
      const given = new Set([...query.slice(0, order.index).matchAll(OUTPUT)].map(([, name]) => name));
      const terms = (order[1] ?? '').split(/\blimit\b|\bfor\b/)[0]?.replace(/\([^)]*\)?/g, '') ?? '';
      return [...terms.matchAll(BARE)].map(([, name]) => name ?? '').filter((name) => given.has(name));
    }),
  );
}

describe('the order of rows', () => {
  it('is never that of numbers as text', () => {
    // `own` is a truth value that the query gives out itself.
    expect(orderedAsText(sourceText('src')).filter((name) => name !== 'own')).toEqual([]);
  });

  it('is found out where it is', () => {
    expect(orderedAsText('`select seq::text as seq from updates order by seq desc limit 3`')).toEqual([
      'seq',
    ]);
    expect(orderedAsText('`select seq::text as seq from updates order by updates.seq`')).toEqual([]);
  });
});
