import fc from 'fast-check';
import { normalizedStrategyValue } from 'unleash-client/lib/strategy/util.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cohortOf, type DefinedCohort, ROLLOUT_GROUP_ID } from '../../src/core/cohorts.ts';
import { inspectTable } from '../../src/documents/inspect-table.ts';
import { cohortSql, type MembershipStores } from '../../src/documents/membership.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(async () => {
  await db.pool.query('drop schema if exists app cascade; create schema app');
});

interface User {
  readonly id: string;
  readonly school: string | null;
}

async function storesOn(
  cohorts: readonly DefinedCohort[],
  names: { table?: string; attributes?: Readonly<Record<string, string>> } = {},
): Promise<MembershipStores> {
  const facts = await inspectTable(db.pool, names.table ?? 'app.users');
  const column = (name: string) => {
    const found = facts?.columns.find((each) => each.name === name);
    if (!found) throw new Error(`no column ${name}`);
    return found;
  };
  const attributes = Object.entries(names.attributes ?? { school: 'school' });
  return {
    config: { cohorts },
    users: {
      quoted: facts?.quoted ?? '',
      id: column('id'),
      attributes: attributes.map(([name, of]) => ({ name, column: column(of) })),
    },
  };
}

/** The cohort of each owner, as the database has it. */
async function cohortsOf(
  stores: MembershipStores,
  owners: readonly (string | null)[],
): Promise<readonly (string | null)[]> {
  const { rows } = await db.pool.query<{ cohort: string | null }>(
    `select ${cohortSql(stores, 'd.owner')} as cohort
       from unnest($1::text[]) with ordinality as d (owner, place) order by d.place`,
    [owners],
  );
  return rows.map(({ cohort }) => cohort);
}

const SCHOOL: readonly DefinedCohort[] = [
  { name: 'staff', definition: { users: ['u-1', 'u-2'] } },
  { name: 'pilot', definition: { match: { school: ['lincoln-high'] } } },
  { name: 'tenth', definition: { percent: 10 } },
  { name: 'everyone', definition: { everyone: true } },
];

/** An id of the first per cents, and one beyond them. */
const idWith = (fits: (bucket: number) => boolean): string =>
  Array.from({ length: 1000 }, (_, index) => `x-${index}`).find((id) =>
    fits(normalizedStrategyValue(id, ROLLOUT_GROUP_ID)),
  ) ?? '';

describe('a document follows its owner', () => {
  beforeEach(async () => {
    await db.pool.query('create table app.users (id text primary key, school text)');
    await db.pool.query(
      `insert into app.users values ('u-1', 'lincoln-high'), ('u-5', 'lincoln-high'), ('u-6', null)`,
    );
  });

  test('to the first cohort that matches', async () => {
    const stores = await storesOn(SCHOOL);
    const [low, high] = [idWith((bucket) => bucket <= 10), idWith((bucket) => bucket > 10)];
    expect(await cohortsOf(stores, ['u-1', 'u-5', low, high])).toEqual([
      'staff',
      'pilot',
      'tenth',
      'everyone',
    ]);
  });

  test('who is in no users table: by id, percentage and everyone', async () => {
    const stores = await storesOn(SCHOOL);
    expect(await cohortsOf(stores, ['u-2', idWith((bucket) => bucket === 10)])).toEqual(['staff', 'tenth']);
  });

  test('who is nobody: to everyone, and to no cohort where there is no everyone', async () => {
    expect(await cohortsOf(await storesOn(SCHOOL), [null])).toEqual(['everyone']);
    expect(await cohortsOf(await storesOn(SCHOOL.slice(0, 3)), [null])).toEqual([null]);
  });

  test('whose id is empty text: never to a percentage, for the flag SDK gives it no bucket', async () => {
    expect(
      await cohortsOf(await storesOn([{ name: 'all', definition: { percent: 100 } }]), ['', 'u']),
    ).toEqual([null, 'all']);
  });

  test('who changes school: at once', async () => {
    const stores = await storesOn(SCHOOL.slice(0, 2));
    await db.pool.query(`update app.users set school = 'roosevelt' where id = 'u-5'`);
    expect(await cohortsOf(stores, ['u-5'])).toEqual([null]);
  });

  test('whatever the case, for ids and values are compared letter by letter', async () => {
    await db.pool.query(`insert into app.users values ('U-5', 'Lincoln-High')`);
    expect(await cohortsOf(await storesOn(SCHOOL.slice(0, 2)), ['U-5', 'U-1', 'u-5'])).toEqual([
      null,
      null,
      'pilot',
    ]);
  });

  test('if ids, values and names of cohorts hold quotes, braces, backslashes or emoji', async () => {
    const odd = [
      `o'k`,
      `a"b`,
      'c\\d',
      '{e,f}',
      'NULL',
      'null',
      'g h',
      '😀',
      "'; drop table app.users; --",
      '$1',
      "E'\\x",
    ];
    await db.pool.query('insert into app.users select id, id from unnest($1::text[]) as ids (id)', [odd]);
    const named = odd.map((value, index): DefinedCohort => {
      const definition = index % 2 === 0 ? { users: [value] } : { match: { school: [value] } };
      return { name: `cohort ${value}`, definition };
    });
    expect(await cohortsOf(await storesOn(named), odd)).toEqual(named.map(({ name }) => name));
    for (const setting of ['on', 'off']) {
      const client = await db.pool.connect();
      try {
        await client.query(`set standard_conforming_strings = ${setting}`);
        const sql = cohortSql(await storesOn(named), '$1::text');
        const { rows } = await client.query(`select ${sql} as cohort`, ['c\\d']);
        expect(rows).toEqual([{ cohort: 'cohort c\\d' }]);
      } finally {
        client.release(true);
      }
    }
  });
});

describe('users are found by their id as text', () => {
  const UUID = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
  const ODD = [
    '',
    ' 5',
    '05',
    '+5',
    '5.0',
    '-0',
    '5 ',
    'x',
    '９',
    '9223372036854775808',
    '99999999999999999999',
    UUID.toUpperCase(),
    `{${UUID}}`,
    'é',
  ];

  test.each([
    ['smallint', '5', '-5'],
    ['integer', '2147483647', '0'],
    ['bigint', '9223372036854775807', '-9223372036854775808'],
    ['uuid', UUID, '00000000-0000-0000-0000-000000000000'],
    ['text', 'u-1', 'Ü 😀'],
    ['varchar(100)', 'u-1', ' u'],
    ['char(5)', 'abcde', 'ab'],
    ['text collate "C"', 'u-1', 'ü'],
    ['numeric', '5', '1.50'],
  ])('where it is %s, and what is no such id is nobody', async (type, one, other) => {
    await db.pool.query(`create table app.users (id ${type} primary key, school text)`);
    await db.pool.query(`insert into app.users select id::${type}, 's' from unnest($1::text[]) as ids (id)`, [
      [one, other],
    ]);
    const stores = await storesOn([{ name: 'all', definition: { match: { school: ['s'] } } }]);
    expect(await cohortsOf(stores, [one, other, ...ODD.filter((id) => id !== one && id !== other)])).toEqual([
      'all',
      'all',
      ...ODD.filter((id) => id !== one && id !== other).map(() => null),
    ]);
  });

  test('where owner and id have collations of their own', async () => {
    await db.pool.query(
      'create table app.users (id text collate "POSIX" primary key, school text collate "C")',
    );
    await db.pool.query(`insert into app.users values ('u-1', 's')`);
    await db.pool.query('create table app.docs (owner text collate "C")');
    await db.pool.query(`insert into app.docs values ('u-1'), ('u-2')`);
    const stores = await storesOn([
      { name: 'listed', definition: { users: ['u-2'] } },
      { name: 'all', definition: { match: { school: ['s'] } } },
    ]);
    const { rows } = await db.pool.query(
      `select ${cohortSql(stores, 'd.owner')} as cohort from app.docs d order by d.owner`,
    );
    expect(rows).toEqual([{ cohort: 'all' }, { cohort: 'listed' }]);
  });

  test('where their collation takes two ids for one, as the application does', async (context) => {
    try {
      await db.pool.query(
        `create collation app.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
      );
    } catch {
      context.skip('this server was built without ICU');
    }
    await db.pool.query(
      'create table app.users (id text collate app.ci primary key, school text collate app.ci)',
    );
    await db.pool.query(`insert into app.users values ('u-1', 's')`);
    const stores = await storesOn([
      { name: 'all', definition: { match: { school: ['s'] } } },
      { name: 'shouted', definition: { match: { school: ['S'] } } },
    ]);
    expect(await cohortsOf(stores, ['u-1', 'U-1', 'u-2'])).toEqual(['all', 'all', null]);
  });

  test('where attributes are numbers, truth values or ids', async () => {
    await db.pool.query(
      'create table app.users (id int primary key, grade int, paying boolean, school uuid)',
    );
    await db.pool.query(
      `insert into app.users values (1, 7, false, null), (2, null, true, null), (3, null, null, $1)`,
      [UUID],
    );
    const attributes = { grade: 'grade', paying: 'paying', school: 'school' };
    const stores = await storesOn(
      [
        { name: 'seventh', definition: { match: { grade: ['7', '8'] } } },
        { name: 'paying', definition: { match: { paying: ['true'] } } },
        { name: 'school', definition: { match: { school: [UUID] } } },
      ],
      { attributes },
    );
    expect(await cohortsOf(stores, ['1', '2', '3', '4'])).toEqual(['seventh', 'paying', 'school', null]);
  });

  test('where they are a view that holds an id twice: a document is still one', async () => {
    await db.pool.query('create table app.members (member_id int, "School Name" text)');
    await db.pool.query(`insert into app.members values (1, 'a'), (1, 'b'), (2, 'b')`);
    await db.pool.query(
      'create view app."Our Users" as select member_id as id, "School Name" from app.members',
    );
    const stores = await storesOn(
      [
        { name: 'a', definition: { match: { school: ['a'] } } },
        { name: 'b', definition: { match: { school: ['b'] } } },
      ],
      { table: 'app."Our Users"', attributes: { school: 'School Name' } },
    );
    expect(await cohortsOf(stores, ['1', '2', '1'])).toEqual(['a', 'b', 'a']);
  });

  test.each(['integer', 'uuid', 'text', 'text collate "C"', 'varchar(36)'])(
    'through the index of an id that is %s',
    async (type) => {
      await db.pool.query(`create table app.users (id ${type} primary key, school text)`);
      const stores = await storesOn([{ name: 'all', definition: { match: { school: ['s'] } } }]);
      const client = await db.pool.connect();
      try {
        await client.query('set enable_seqscan = off');
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(
          `explain select ${cohortSql(stores, 'd.owner')} from (select $1::text collate "POSIX" as owner) d`,
          [type === 'uuid' ? '00000000-0000-0000-0000-000000000001' : '1'],
        );
        expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Cond: \(\(?id\)?(::text)? = /);
      } finally {
        client.release(true);
      }
    },
  );
});

test('the database and the library agree on every user, whatever the cohorts', async () => {
  const IDS = Array.from({ length: 60 }, (_, index) => `u-${index}`);
  const SCHOOLS = ['a', 'b', 'c', null];
  const users: readonly User[] = IDS.slice(0, 50).map((id, index) => ({
    id,
    school: SCHOOLS[index % 4] ?? null,
  }));
  await db.pool.query('create table app.users (id text primary key, school text)');
  await db.pool.query('insert into app.users select * from unnest($1::text[], $2::text[])', [
    users.map(({ id }) => id),
    users.map(({ school }) => school),
  ]);
  const definition = fc.oneof(
    fc.record({ users: fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 1, maxLength: 20 }) }),
    fc.record({
      match: fc.record({ school: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }) }),
    }),
    fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
    fc.constant({ everyone: true as const }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(definition, { minLength: 1, maxLength: 8 }), async (definitions) => {
      const cohorts = definitions.map((each, index) => ({ name: `c${index}`, definition: each }));
      const stores = await storesOn(cohorts);
      const expected = IDS.map((id) => {
        const school = users.find((user) => user.id === id)?.school ?? null;
        return cohortOf(
          { id, attributes: { school }, bucket: normalizedStrategyValue(id, ROLLOUT_GROUP_ID) },
          cohorts,
        );
      });
      expect(await cohortsOf(stores, IDS)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
