import { expect } from 'vitest';
import { yXmlFragmentToProsemirrorJSON } from 'y-prosemirror';
import * as Y from 'yjs';
import type { Pool } from '../../src/postgres/pool.ts';

interface Row {
  readonly id: string;
  readonly content: unknown;
  readonly state: Buffer | null;
  readonly seeds: number;
  readonly links: number;
}

/**
 * Every document has exactly one seed and one link, and its state is its row: found without any code of ours, by SQL, Yjs
 * itself and y-prosemirror. `except` are documents that must have nothing on the other side.
 */
export async function expectNothingLostOrDoubled(pool: Pool, except: readonly string[] = []): Promise<void> {
  const { rows } = await pool.query<Row>(
    `select d.id, d.content, s.state,
            (select count(*)::int from dualpath.updates u where u.document_id = d.id and u.origin = 'seed') as seeds,
            (select count(*)::int from dualpath.documents l where l.id = d.id) as links
       from public.documents d left join local_first.documents s on s.id = d.id
      where d.deleted_at is null and not d.id = any($1::text[]) order by d.id`,
    [except],
  );
  for (const { id, content, state, seeds, links } of rows) {
    expect({ id, seeds, links }).toEqual({ id, seeds: 1, links: 1 });
    expect({ id, content: decoded(state) }).toEqual({ id, content });
  }
  const { rows: stray } = await pool.query(
    `select s.id from local_first.documents s left join public.documents d on d.id = s.id
      where d.id is null or d.id = any($1::text[])`,
    [except],
  );
  expect(stray).toEqual([]);
}

function decoded(state: Buffer | null): unknown {
  const doc = new Y.Doc();
  if (state) Y.applyUpdate(doc, state);
  const json = JSON.stringify(yXmlFragmentToProsemirrorJSON(doc.getXmlFragment('default')));
  // y-prosemirror gives every mark an object of attributes, an empty one, too.
  return JSON.parse(json.replaceAll('"attrs":{},', '').replaceAll(',"attrs":{}', ''));
}
