import { beforeAll, describe, expect, it } from 'vitest';
import type { PlanReport, StatusReport } from '../../src/controller.ts';
import { findNodeModules, readReadmes } from '../../src/demo/readmes.ts';
import { openDocumentStore } from '../../src/index.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { QUICK, rolloutOf, type TestRollout } from '../support/rollout.ts';
import { expectNothingDoubled, withParagraph } from '../support/scenario.ts';
import { unequalDocuments } from '../support/school.ts';

/** A table that nobody designed for this: every name quoted, JSON in text, columns of its own, triggers, references. */
const SCHEMA = `
  create schema "Editor App";
  create table "Editor App"."People" ("PersonId" bigint primary key, "School Name" text not null);
  create table "Editor App"."Schrift""Stücke" (
    "DocId" uuid primary key default gen_random_uuid(),
    "Owner" bigint not null references "Editor App"."People",
    "Titel" text not null check ("Titel" <> ''),
    "wordCount" integer not null,
    "Body" text not null,
    "Rev" integer not null default 100,
    "Touched" timestamptz not null,
    "Archived" boolean not null default false,
    "copyOf" uuid references "Editor App"."Schrift""Stücke"
  );
  create table "Editor App"."Comments" (
    id serial primary key,
    "DocId" uuid not null references "Editor App"."Schrift""Stücke" on update cascade on delete cascade,
    said text not null
  );
  create table "Editor App"."Audit" ("DocId" uuid, "Rev" integer, at timestamptz default now());
  create function "Editor App".on_save() returns trigger language plpgsql as $$
  begin
    new."Rev" := old."Rev" + 7;
    new."wordCount" := length(new."Body");
    new."Touched" := clock_timestamp();
    return new;
  end $$;
  create function "Editor App".audit() returns trigger language plpgsql as $$
  begin
    insert into "Editor App"."Audit" ("DocId", "Rev") values (new."DocId", new."Rev");
    return null;
  end $$;
  create trigger on_save before update of "Body" on "Editor App"."Schrift""Stücke"
    for each row execute function "Editor App".on_save();
  create trigger audit after update on "Editor App"."Schrift""Stücke"
    for each row execute function "Editor App".audit();
  insert into "Editor App"."People" select n, 'school ' || n % 3 from generate_series(1, 9) n`;

const TABLES = {
  legacy: `(select * from "Editor App"."Schrift""Stücke" where not "Archived")`,
  content: '"Body"',
  id: '"DocId"',
};
const STATES = { table: '"Local ""First"""."Docs"', id: '"Id"', state: '"State"' };
const DOCUMENTS = 30;
const ARCHIVED = 4;

describe('a whole rollout on a table that was not designed for it', () => {
  let database: TestDatabase;
  let rollout: TestRollout;
  /** The text of each document as an application last wrote it. */
  const written = new Map<string, string>();

  beforeAll(async () => {
    database = await freshDatabase({ migrated: false });
    await database.pool.query(SCHEMA);
    for (const [index, { title, content }] of readReadmes(findNodeModules(), DOCUMENTS).entries()) {
      const { rows } = await database.pool.query<{ DocId: string; Body: string }>(
        `insert into "Editor App"."Schrift""Stücke" ("Owner", "Titel", "wordCount", "Body", "Touched", "Archived")
         values ($1, $2, 0, $3, now(), $4) returning "DocId", "Body"`,
        [1 + (index % 9), title, JSON.stringify(content, null, index % 3), index < ARCHIVED],
      );
      for (const row of rows) written.set(row.DocId, row.Body);
    }
    await database.pool.query(
      `insert into "Editor App"."Comments" ("DocId", said) select "DocId", 'well' from "Editor App"."Schrift""Stücke"`,
    );
    rollout = rolloutOf({
      version: 1,
      database: database.url,
      documents: {
        table: '"Editor App"."Schrift""Stücke"',
        columns: { id: 'DocId', owner: 'Owner', content: 'Body', revision: 'Rev', updated_at: 'Touched' },
        where: 'not "Archived"',
      },
      users: {
        table: '"Editor App"."People"',
        columns: { id: 'PersonId' },
        attributes: { school: 'School Name' },
      },
      local_first: {
        table: STATES.table,
        columns: { id: 'Id', state: 'State', updated_at: 'At' },
      },
      flags: { provider: 'file' },
      ...QUICK,
      cohorts: [{ name: 'everyone', everyone: true }],
    });
    await rollout.run(['init']);
  });

  /** A save as the application makes it; its trigger raises the revision. */
  async function save(word: string): Promise<void> {
    const { rows } = await database.pool.query<{ DocId: string; Body: string }>(
      `select "DocId", "Body" from "Editor App"."Schrift""Stücke" where not "Archived" order by 1 limit 3`,
    );
    for (const { DocId, Body } of rows) {
      const content = JSON.parse(Body) as { content: unknown[] };
      content.content.unshift({ type: 'paragraph', content: [{ type: 'text', text: word }] });
      const text = JSON.stringify(content, null, 1);
      await database.pool.query(`update "Editor App"."Schrift""Stücke" set "Body" = $2 where "DocId" = $1`, [
        DocId,
        text,
      ]);
      written.set(DocId, text);
    }
  }

  /** A save through dualpath: it writes the text its own way, and the same trigger raises the revision. */
  async function saveThroughDualpath(word: string): Promise<void> {
    const documents = await openDocumentStore({ config: rollout.config, pool: database.pool });
    const [id] = await liveIds();
    const { content, revision } = await documents.load({ id: id ?? '' });
    const wanted = withParagraph(content, word);
    const saved = await documents.save({
      id: id ?? '',
      content: wanted,
      baseRevision: revision ?? undefined,
    });
    expect(saved).toMatchObject({ outcome: 'saved', revision: (revision ?? 0) + 7 });
    const { rows } = await database.pool.query<{ Body: string }>(
      `select "Body" from "Editor App"."Schrift""Stücke" where "DocId" = $1`,
      [id],
    );
    written.set(id ?? '', rows[0]?.Body ?? '');
    expect(rows[0]?.Body).toContain(word);
  }

  const liveIds = async (): Promise<readonly string[]> =>
    (
      await database.pool.query<{ DocId: string }>(
        `select "DocId" from "Editor App"."Schrift""Stücke" where not "Archived" order by 1`,
      )
    ).rows.map(({ DocId }) => DocId);

  /** Equal by the test's own decoder, and the application's own texts, to the letter, as it last wrote them. */
  async function expectEqual(): Promise<void> {
    expect(await unequalDocuments(database.pool, TABLES, STATES)).toEqual([]);
    const { rows } = await database.pool.query<{ DocId: string; Body: string }>(
      `select "DocId", "Body" from "Editor App"."Schrift""Stücke"`,
    );
    expect(new Map(rows.map(({ DocId, Body }) => [DocId, Body]))).toEqual(written);
  }

  const status = async (): Promise<StatusReport['cohorts'][number] | undefined> =>
    (await rollout.run<StatusReport>(['status'])).cohorts[0];

  it('is planned: all of its documents but the archived convert', async () => {
    const { cohorts } = await rollout.run<PlanReport>(['plan']);
    expect(cohorts[0]).toMatchObject({ members: 9, documents: DOCUMENTS - ARCHIVED, unconvertible: [] });
  });

  it('starts, soaks and flips', async () => {
    await rollout.run(['start', 'everyone']);
    await save('whilesoaking');
    await saveThroughDualpath('savedwhilesoaking');
    await rollout.run(['soak']);
    await expectEqual();
    await save('beforetheflip');
    await rollout.run(['flip', 'everyone']);
    expect(await status()).toMatchObject({
      stage: 'baking',
      authority: 'local-first',
      documents: { total: DOCUMENTS - ARCHIVED, proven: DOCUMENTS - ARCHIVED, drift: 0, quarantined: 0 },
    });
    await expectEqual();
  });

  it('rolls back', async () => {
    await save('beforetherollback');
    await rollout.run(['rollback', 'everyone', '--reason', 'a drill']);
    expect(await status()).toMatchObject({ stage: 'rolled-back', authority: 'legacy' });
    await expectEqual();
  });

  it('starts again, flips and completes; nothing was seeded twice and no other row was touched', async () => {
    await save('whilerolledback');
    await rollout.run(['start', 'everyone']);
    await save('whilesoakingagain');
    await saveThroughDualpath('savedwhilesoakingagain');
    await rollout.run(['soak']);
    await rollout.run(['flip', 'everyone']);
    await save('whilebaking');
    await saveThroughDualpath('savedwhilebaking');
    await rollout.run(['soak']);
    await rollout.run(['complete', 'everyone', '--yes', '--reason', 'it held']);
    expect(await status()).toMatchObject({ stage: 'completed', documents: { drift: 0, quarantined: 0 } });
    await expectEqual();
    await expectNothingDoubled(database.pool, STATES);
    const { rows } = await database.pool.query(
      `select (select count(*)::int from dualpath.updates where origin = 'seed') as seeds,
              (select count(*)::int from "Editor App"."Comments") as comments,
              (select count(*)::int from "Editor App"."Audit" a join "Editor App"."Schrift""Stücke" d using ("DocId")
                where d."Archived") as audited`,
    );
    expect(rows).toEqual([{ seeds: DOCUMENTS - ARCHIVED, comments: DOCUMENTS, audited: 0 }]);
  });
});
