import { describe, expect, test } from 'vitest';
import { cohorts, configOf, fileWith, SHORTEST } from './support.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SOAK = {
  durationMs: 72 * HOUR,
  minObservations: 3000,
  maxMismatchRate: 0.001,
  confidence: 0.95,
  maxEvidenceAgeMs: DAY,
  maxQuarantined: 0,
};

describe('a key left out', () => {
  test('has the default that the contract shows', () => {
    const { flags, cohorts: found, ...rest } = configOf(fileWith({ flags: 'flags: {}' }));
    expect(rest).toEqual({
      version: 1,
      database: 'embedded',
      documents: {
        table: 'public.documents',
        columns: {
          id: 'id',
          owner: 'owner_id',
          content: 'content',
          revision: 'revision',
          updatedAt: 'updated_at',
        },
        format: 'prosemirror',
        where: null,
        collaborators: null,
      },
      users: { table: 'public.users', columns: { id: 'id' }, attributes: {} },
      localFirst: {
        table: 'local_first.documents',
        columns: { id: 'id', state: 'state', updatedAt: 'updated_at' },
        fragment: 'default',
      },
      writePath: 'library',
      settleMs: 30_000,
      keepMs: 90 * DAY,
    });
    const { url, adminToken, clientToken, ...plain } = flags;
    expect(plain).toEqual({
      provider: 'unleash',
      path: null,
      project: 'default',
      environment: 'production',
      dualWrite: 'local-first.dual-write',
      default: 'local-first.default',
    });
    expect([url, adminToken, clientToken].map(({ key }) => key)).toEqual([
      'flags.url',
      'flags.admin_token',
      'flags.client_token',
    ]);
    expect(found).toEqual([
      {
        name: 'everyone',
        definition: { everyone: true },
        soak: SOAK,
        bake: { ...SOAK, durationMs: 7 * DAY, onFail: 'hold' },
        approval: { flip: 'manual', complete: 'manual' },
      },
    ]);
  });

  test('may also stand there empty, as commenting out what is below it leaves it', () => {
    const config = configOf(
      `${SHORTEST}soak:\nbake: {}\napproval: ~\nkeep:\nwrite_path: null\nlocal_first:\n  table:\n  columns:\n`,
    );
    expect(JSON.stringify(config)).toBe(JSON.stringify(configOf(SHORTEST)));
  });

  test('path of a flag file is flags.json', () => {
    expect(configOf(SHORTEST).flags.path).toBe('flags.json');
  });
});

describe('columns of the legacy table', () => {
  test('once listed, say what the table has: one not listed is not there', () => {
    const { columns } = configOf(
      fileWith({ documents: 'documents: { columns: { owner: author } }' }),
    ).documents;
    expect(columns).toEqual({
      id: 'id',
      owner: 'author',
      content: 'content',
      revision: null,
      updatedAt: null,
    });
  });

  test('keep the case, the spaces and the quotes they are given', () => {
    const text = `documents:\n  table: '"My.Schema".Docs'\n  columns: { id: Id, owner: 'Owner "x" id', content: Inhalt ü }`;
    expect(configOf(fileWith({ documents: text })).documents).toMatchObject({
      table: '"My.Schema".Docs',
      columns: { id: 'Id', owner: 'Owner "x" id', content: 'Inhalt ü' },
    });
  });
});

describe('attributes of users', () => {
  const matching = cohorts('{ name: pilot, match: { school: [lincoln-high] } }');

  test('left out, are the school if a cohort matches on it', () => {
    expect(configOf(fileWith({ cohorts: matching })).users.attributes).toEqual({ school: 'school_id' });
  });

  test('left out, need no column of a users table that no cohort matches on', () => {
    expect(configOf(SHORTEST).users.attributes).toEqual({});
  });

  test('given, are those', () => {
    const users = 'users: { attributes: { school: sid, plan: plan } }';
    expect(configOf(fileWith({ users, cohorts: matching })).users.attributes).toEqual({
      school: 'sid',
      plan: 'plan',
    });
  });
});

describe('soak, bake and approval', () => {
  const soakOf = (text: string) => configOf(text).cohorts[0];

  test('of the file hold for every cohort, key by key', () => {
    const cohort = soakOf(`${SHORTEST}soak: { duration: 1h }\napproval: { flip: auto }\n`);
    expect(cohort?.soak).toEqual({ ...SOAK, durationMs: HOUR });
    expect(cohort?.approval).toEqual({ flip: 'auto', complete: 'manual' });
  });

  test('of a cohort win over those of the file, key by key', () => {
    const one = '{ name: a, users: [u], soak: { min_observations: 5 }, approval: { complete: auto } }';
    const text = `${fileWith({ cohorts: cohorts(one) })}soak: { duration: 1h, min_observations: 9 }\n`;
    expect(soakOf(text)?.soak).toEqual({ ...SOAK, durationMs: HOUR, minObservations: 5 });
    expect(soakOf(text)?.approval).toEqual({ flip: 'manual', complete: 'auto' });
  });

  test('bake inherits the soak of its cohort, but not how long it is', () => {
    const one = '{ name: a, users: [u], soak: { duration: 2h, max_quarantined: 3 } }';
    const text = `${fileWith({ cohorts: cohorts(one) })}soak: { confidence: 0.99 }\n`;
    expect(soakOf(text)?.bake).toEqual({
      ...SOAK,
      durationMs: 7 * DAY,
      confidence: 0.99,
      maxQuarantined: 3,
      onFail: 'hold',
    });
  });

  test('what bake says itself wins over what it inherits', () => {
    const one = '{ name: a, users: [u], soak: { min_observations: 5 }, bake: { on_fail: roll-back } }';
    const text = `${fileWith({ cohorts: cohorts(one) })}bake: { duration: 1d, min_observations: 7 }\n`;
    expect(soakOf(text)?.bake).toMatchObject({ durationMs: DAY, minObservations: 7, onFail: 'roll-back' });
  });
});

describe('ids in a list', () => {
  const idsOf = (list: string): unknown =>
    configOf(fileWith({ cohorts: cohorts(`{ name: a, users: ${list} }`) })).cohorts[0]?.definition;

  test('may be whole numbers, and become text', () => {
    expect(idsOf('[1, -7, 0]')).toEqual({ users: ['1', '-7', '0'] });
  });

  test('keep every digit, however large', () => {
    expect(idsOf('[9007199254740993, 1234567890123456789]')).toEqual({
      users: ['9007199254740993', '1234567890123456789'],
    });
  });

  test('may be any text in quotes', () => {
    expect(idsOf(`["007", 'it''s', "a b", "ü😀", "true", "1e3"]`)).toEqual({
      users: ['007', "it's", 'a b', 'ü😀', 'true', '1e3'],
    });
  });

  test('may be as many as fit one constraint', () => {
    const ids = Array.from({ length: 250 }, (_, index) => `u-${index}`);
    expect(idsOf(`[${ids}]`)).toEqual({ users: ids });
  });
});

describe('anchors', () => {
  test('may be referred to', () => {
    const text = `${fileWith({ cohorts: cohorts('{ name: a, users: [u], soak: *quick }', '{ name: b, everyone: true, soak: *quick }') })}`;
    const config = configOf(`soak: &quick { duration: 1m }\n${text}`);
    expect(config.cohorts.map(({ soak }) => soak.durationMs)).toEqual([60_000, 60_000]);
  });
});
