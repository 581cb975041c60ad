import type { Pool } from '../postgres/pool.ts';
import type { Queryable } from '../postgres/queryable.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { Readme } from './readmes.ts';

/** How many people the school has: the two of `staff`, a pilot school, and the rest in three other schools. */
const STAFF = ['u-1', 'u-2'];
const STUDENTS = 238;
export const PEOPLE = STAFF.length + STUDENTS;
const SCHOOLS = ['lincoln-high', 'roosevelt-middle', 'jefferson-prep', 'adams-academy'];

/** What marks tables as the demo's own, so that it never touches anyone else's. */
const MARK = 'made by dualpath demo';

/** The application's tables, and the list of words that nobody but the demo has. */
export const SCHOOL_SCHEMA = `
  create table public.users (id text primary key, name text not null, school_id text);
  create table public.documents (
    id uuid primary key default gen_random_uuid(),
    owner_id text not null references public.users (id),
    title text not null,
    content jsonb not null,
    revision bigint not null default 1,
    updated_at timestamptz not null default now(),
    deleted_at timestamptz
  );
  create index documents_owner on public.documents (owner_id);
  create table public.collaborators (
    document_id uuid references public.documents (id),
    user_id text references public.users (id),
    primary key (document_id, user_id)
  );
  create table public.written_words (
    word text primary key,
    document_id uuid not null references public.documents (id),
    typed_at timestamptz not null default clock_timestamp(),
    acknowledged_at timestamptz             -- null: whoever typed it does not know yet whether anybody has it
  );
  comment on table public.documents is '${MARK}';
`;

/**
 * A table with rows that the demo did not put there, in a database where no demo was before: documents that dualpath may
 * know of wherever they are. Empty tables are nobody's loss; beside its own the demo touches none.
 */
export async function foreignTable(db: Queryable): Promise<string | undefined> {
  const { rows } = await db.query<{ table: string }>(
    `select c.oid::regclass::text as table
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname not like 'pg_%' and n.nspname not in ('information_schema', 'dualpath')
        and obj_description(to_regclass('public.documents'), 'pg_class') is distinct from $1::text
      order by 1`,
    [MARK],
  );
  for (const { table } of rows) {
    const filled = await db.query<{ filled: boolean }>(`select exists (select from ${table}) as filled`);
    if (filled.rows[0]?.filled) return table;
  }
  return undefined;
}

/** Takes an earlier demo away, with what dualpath recorded about it. */
export async function clearSchool(db: Queryable): Promise<void> {
  await db.query(`drop schema if exists dualpath, local_first cascade`);
  await db.query(
    `drop table if exists public.written_words, public.collaborators, public.documents, public.users`,
  );
}

/** Opens a school: people in four schools, and real documents shared out among them. */
export async function openSchool(pool: Pool, readmes: readonly Readme[]): Promise<void> {
  const users = [
    ...STAFF.map((id) => ({ id, name: `Teacher ${id.slice(2)}`, school: null })),
    ...Array.from({ length: STUDENTS }, (_, index) => ({
      id: `u-${index + STAFF.length + 1}`,
      name: `Student ${index + 1}`,
      school: SCHOOLS[index % SCHOOLS.length] ?? null,
    })),
  ];
  await inTransaction(pool, async (tx) => {
    for (const statement of SCHOOL_SCHEMA.split(/;\s*\n/).filter((text) => text.trim()))
      await tx.query(statement);
    await tx.query(
      `insert into public.users (id, name, school_id)
       select * from unnest($1::text[], $2::text[], $3::text[])`,
      [users.map((user) => user.id), users.map((user) => user.name), users.map((user) => user.school)],
    );
    for (const [index, readme] of readmes.entries()) {
      // Staff write a good part of it: the first cohort should have something to show.
      const owner = index % 10 === 0 ? STAFF[(index / 10) % STAFF.length] : users[index % users.length]?.id;
      await tx.query(
        `insert into public.documents (owner_id, title, content) values ($1::text, $2::text, $3::jsonb)`,
        [owner, readme.title, JSON.stringify(readme.content)],
      );
    }
    await tx.query(
      `insert into public.collaborators (document_id, user_id)
       select id, 'u-' || (3 + (row_number() over (order by id)) % ${STUDENTS})
         from public.documents order by id limit 40`,
    );
  });
}
