import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type DocumentStore, openDocumentStore } from '../../src/index.ts';
import { configObject, openTables, PLAIN, type Tables } from '../documents/tables.ts';
import { lacking } from '../support/lacking.ts';
import { randomFrom, SEED } from '../support/random.ts';
import { replayTrace } from '../support/replay.ts';
import { readTrace, TRACES, tracesIn } from '../support/traces.ts';
import type { WritePath } from '../support/write-path.ts';

const OWN = 'test/support/traces/garden-club.json';
/** Always the same, so that a failure is news; `DUALPATH_SEED` replays another. */
const REPLAYED = process.env.DUALPATH_SEED === undefined ? 1 : SEED;
const TEXT = { documents: { format: 'text' } };

/** One document of a real store: agent 0 saves on the revision it was shown, the others push and pull. */
function writePathOf(documents: DocumentStore, id: string): WritePath {
  const seqs = new Map<string, number>();
  const numbered = (revision: number | null): number => {
    if (revision === null) throw new Error('The table keeps revisions, and this document has none.');
    return revision;
  };
  return {
    async save(content, baseRevision) {
      const { revision, head } = await documents.save({ id, content, baseRevision, deviceId: 'agent-0' });
      const shown = { revision: numbered(head.revision), content: String(head.content) };
      return { revision: numbered(revision), head: shown };
    },
    async push(deviceId, update) {
      const seq = (seqs.get(deviceId) ?? 0) + 1;
      seqs.set(deviceId, seq);
      const { outcome } = await documents.push({ id, deviceId, session: 'replay', seq, update });
      expect(['applied', 'merged']).toContain(outcome);
    },
    pull: async (deviceId) => (await documents.pull({ id, deviceId, session: 'replay' })).update,
    async load() {
      const { content, revision } = await documents.load({ id, deviceId: 'agent-0' });
      return { content: String(content), revision: numbered(revision) };
    },
  };
}

async function stateText({ pool }: Tables, id: string): Promise<string> {
  const { rows } = await pool.query('select state from local_first.documents where id = $1', [id]);
  const doc = new Y.Doc({ gc: false });
  Y.applyUpdate(doc, rows[0].state);
  return doc.getText('default').toString();
}

async function replay(file: string): Promise<void> {
  const tables = await openTables(PLAIN.replace('content jsonb', 'content text'), TEXT);
  const documents = await openDocumentStore({ config: configObject(TEXT), pool: tables.pool });
  await tables.pool.query(`insert into documents (id, owner_id, content) values ('a', 'u-1', '')`);
  await documents.pull({ id: 'a', deviceId: 'opener' });
  const trace = readTrace(file);
  const { content, edits, syncs } = await replayTrace(
    trace,
    writePathOf(documents, 'a'),
    randomFrom(REPLAYED),
  );
  console.log(`${file}: ${edits} edits, ${syncs} syncs`);
  expect(lacking([...content], [...trace.endContent])).toEqual([]);
  const { rows } = await tables.pool.query(`select content from documents where id = 'a'`);
  expect([rows[0].content, await stateText(tables, 'a')]).toEqual([content, content]);
}

describe(`a recorded history of people typing together, over the real store (DUALPATH_SEED=${REPLAYED})`, {
  timeout: 1_800_000,
}, () => {
  it('loses nobody a character, and both stores hold the same', () => replay(OWN));

  const files = TRACES === undefined ? [] : tracesIn(TRACES);
  it.skipIf(files.length === 0).each(files)('loses nobody a character either in %s', replay);
});
