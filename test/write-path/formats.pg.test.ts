import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { openDocumentStore } from '../../src/index.ts';
import { configObject, openTables } from '../documents/tables.ts';

const TABLE = `
  create table public.users (id text primary key, school_id text);
  create table public.documents (
    id text primary key, owner_id text, content TYPE not null, revision bigint not null default 1,
    updated_at timestamptz not null default now())`;

interface Case {
  readonly type: string;
  readonly content: (text: string) => unknown;
  readonly textOf: (content: unknown) => string;
}

const quill = (text: string) => ({ ops: [{ insert: text }] });
const CASES: Readonly<Record<string, Case>> = {
  text: { type: 'text', content: (text) => text, textOf: String },
  markdown: { type: 'text', content: (text) => text, textOf: String },
  quill: {
    type: 'jsonb',
    content: quill,
    textOf: (content) => (content as ReturnType<typeof quill>).ops.map(({ insert }) => insert).join(''),
  },
};

test.each(Object.keys(CASES))(
  'a stale save and an offline device of a %s document lose no word',
  async (format) => {
    const { type, content, textOf } = CASES[format] as Case;
    const options = { documents: { format } };
    const { pool } = await openTables(TABLE.replace('TYPE', type), options);
    const documents = await openDocumentStore({ config: configObject(options), pool });
    const stored = content('first line\nsecond line\n');
    await pool.query('insert into documents (id, owner_id, content) values ($1, $2, $3)', [
      'a',
      'u-1',
      stored,
    ]);

    const doc = new Y.Doc({ gc: false });
    const names = { id: 'a', deviceId: 'phone', session: 's' };
    Y.applyUpdate(doc, (await documents.pull(names)).update, 'server');
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    doc.getText('default').insert(22, ' offline');

    await documents.save({
      id: 'a',
      content: content('zeroth line\nfirst line\nsecond line\n'),
      baseRevision: 1,
    });
    const stale = content('first line changed\nsecond line\n');
    expect((await documents.save({ id: 'a', content: stale, baseRevision: 1 })).outcome).toBe('merged');
    await documents.push({ ...names, seq: 1, update: Y.mergeUpdates(updates) });

    const wanted = 'zeroth line\nfirst line changed\nsecond line offline\n';
    expect(textOf((await documents.load({ id: 'a' })).content)).toBe(wanted);
    const { update } = await documents.pull({ id: 'a', deviceId: 'other' });
    const other = new Y.Doc();
    Y.applyUpdate(other, update);
    expect(other.getText('default').toString()).toBe(wanted);
  },
);
