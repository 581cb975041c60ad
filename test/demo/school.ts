import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { countWords } from '../../src/demo/count-words.ts';
import { SCHOOL_SCHEMA } from '../../src/demo/school.ts';
import type { SchoolDay, SchoolDocument } from '../../src/demo/school-day.ts';
import { configObject } from '../documents/tables.ts';
import { paragraphs } from '../support/device.ts';
import { schoolTables } from '../support/school.ts';
import { type OpenStore, openStore } from '../write-path/store.ts';

const TABLES = { documents: schoolTables.documents, users: schoolTables.users };

/** The demo's school with one document, whose cohort soaks. */
export interface OneDocument {
  readonly store: OpenStore;
  readonly document: SchoolDocument;
  readonly day: SchoolDay;
  /** Sends everybody home. */
  goHome(): void;
  enter(stage: string): Promise<void>;
  count(): ReturnType<typeof countWords>;
}

/** @param folder for the config of servers in processes of their own */
export async function openOneDocument(folder: string): Promise<OneDocument> {
  const store = await openStore(TABLES, SCHOOL_SCHEMA);
  await store.sql(`insert into public.users (id, name) values ('u-1', 'Student 1')`);
  const [row] = await store.sql(
    `insert into public.documents (owner_id, title, content) values ('u-1', 'Essay', $1) returning id::text as id`,
    paragraphs('One short.', 'Two is the longest of all these paragraphs.', 'Three.'),
  );
  const config = join(folder, 'school.yaml');
  writeFileSync(config, stringify({ ...configObject(TABLES), database: store.database.url }));
  const end = new AbortController();
  const { documents, pool, stores } = store;
  return {
    store,
    document: { id: String(row?.id), owner: 'u-1' },
    day: { pool, documents, config, signal: end.signal },
    goHome: () => end.abort(),
    enter: async (stage) => {
      await store.sql('update dualpath.cohorts set stage = $1, stage_since = now()', stage);
    },
    count: () => countWords(pool, stores),
  };
}
