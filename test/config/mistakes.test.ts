import { describe, expect, test } from 'vitest';
import { cohorts, errorOf, fileWith, linesOf, mistakesOf, SHORTEST } from './support.ts';

describe('a file with mistakes', () => {
  const TEN = `version: 1
databse: embedded
documents:
  columns: { id: id, ownr: author }
  format: html
users: {}
flags: { provider: firefly }
soak: { duration: 72 }
keep: soon
cohorts:
  - { name: staff, users: [] }
  - { name: staff, percent: 0 }
  - { name: pilot, match: { scool: [x] } }
`;

  test('is told all of them at once, a line each with its place and what to do', () => {
    expect(errorOf(TEN).message).toBe(
      `cohorts.yaml has 10 mistakes:
  cohorts.yaml:2:1  databse is an unknown key. Did you mean database?
  cohorts.yaml:4:22  documents.columns.ownr is an unknown key. Did you mean owner?
  cohorts.yaml:5:11  documents.format is "html". Write prosemirror, quill, markdown or text.
  cohorts.yaml:7:20  flags.provider is "firefly". Write unleash or file.
  cohorts.yaml:8:19  soak.duration is 72. Write one number and one unit (ms, s, m, h, d or w), such as 30s, 72h or 7d; ten years at most.
  cohorts.yaml:9:7  keep is "soon". Write one number and one unit (ms, s, m, h, d or w), such as 30s, 72h or 7d; ten years at most. It has to be more than 0.
  cohorts.yaml:11:27  cohorts[0].users is an empty list. Name at least one, such as [u-1, u-2].
  cohorts.yaml:12:13  cohorts[1].name is "staff", the name of cohorts[0] too. Give each cohort a name of its own.
  cohorts.yaml:12:29  cohorts[1].percent is 0. Write a whole number from 1 to 100, such as 10.
  cohorts.yaml:13:29  cohorts[2].match.scool is not in users.attributes. Did you mean school?`,
    );
  });

  test('gets exit code 2, the facts as fields, and the word that nothing was touched', () => {
    const error = errorOf(TEN);
    expect([error.code, error.exitCode, error.retryable]).toEqual(['config-invalid', 2, false]);
    expect(error.remedy).toContain('nothing has been touched');
    expect(mistakesOf(TEN)[0]).toEqual({
      line: 2,
      column: 1,
      key: 'databse',
      problem: 'is an unknown key',
      remedy: 'Did you mean database?',
    });
  });

  test('with one mistake is told one', () => {
    expect(errorOf(`${SHORTEST}keep: 1\n`).message).toMatch(/^cohorts\.yaml has a mistake:\n.+$/);
  });
});

/** The file with a section replaced has exactly these mistakes, from the key on. */
const expectOnly = (text: string, ...wanted: readonly (string | RegExp)[]): void => {
  const found = linesOf(text).map((line) => line.replace(/^\d+:\d+ /, ''));
  expect(found).toHaveLength(wanted.length);
  for (const [index, each] of wanted.entries())
    if (typeof each === 'string') expect(found[index]).toContain(each);
    else expect(found[index]).toMatch(each);
};

describe('a required key', () => {
  test.each(['version', 'database', 'documents', 'users', 'flags', 'cohorts'])(
    '%s cannot be left out',
    (key) => {
      expectOnly(fileWith({ [key]: '' }), new RegExp(`^${key} is missing\\.`));
    },
  );

  test.each([
    ['a list', '- version: 1\n', 'is a list of 1'],
    ['a word', 'version\n', 'is "version"'],
    ['a number', '7\n', 'is 7'],
  ])('is looked for in a map of keys, not in %s', (_, text, problem) => {
    expectOnly(text, problem);
  });
});

describe('an unknown key', () => {
  const remedyOf = (text: string): string | undefined => mistakesOf(text)[0]?.remedy;

  test.each([
    ['a slip of the finger', 'keeep: 90d', 'Did you mean keep?'],
    ['two letters swapped', 'lcoal_first: {}', 'Did you mean local_first?'],
    ['camel case', 'localFirst: {}', 'Did you mean local_first?'],
    ['a dash', 'write-path: library', 'Did you mean write_path?'],
    ['a key of another place', 'min_observations: 5', 'It belongs in soak or bake.'],
    ['a key of cohorts', 'percent: 5', 'It belongs in cohorts.'],
    ['a merge of maps', '<<: { keep: 1d }', 'Write the keys out: merging another map is not supported.'],
    ['anything else', 'frobnicate: 1', 'Known here: version, database, documents, users'],
    ['the name of a built-in', '__proto__: { keep: 1d }', 'Known here:'],
    ['the name of a method', 'constructor: 1', 'Known here:'],
  ])('that is %s says what was meant', (_, line, remedy) => {
    expect(remedyOf(`${SHORTEST}${line}\n`)).toContain(remedy);
  });

  test('inside a cohort is found too', () => {
    expectOnly(
      fileWith({ cohorts: cohorts('{ name: a, everyone: true, soak: { min_observation: 3 } }') }),
      'cohorts[0].soak.min_observation is an unknown key. Did you mean min_observations?',
    );
  });

  test('of any length is named in brief', () => {
    const [mistake] = mistakesOf(`${SHORTEST}? ${'k'.repeat(5000)}\n: 1\n`);
    expect(mistake?.key.length).toBeLessThan(100);
  });
});

describe('a duration', () => {
  test.each([
    '72',
    '"72"',
    '72 h',
    '1h30m',
    '-1h',
    '1y',
    '.5h',
    '1e3s',
    'h',
    '""',
    '[1h]',
    'true',
    '99999999999d',
  ])('cannot be %s', (text) =>
    expectOnly(
      `${SHORTEST}soak: { duration: ${text} }\n`,
      /^soak\.duration is .+Write one number and one unit/,
    ),
  );

  test.each([
    ['max_evidence_age', 'soak: { max_evidence_age: 0s }'],
    ['keep', 'keep: 0d'],
  ])('of %s cannot be nothing', (_, line) => {
    expectOnly(`${SHORTEST}${line}\n`, 'It has to be more than 0.');
  });
});

describe('a number', () => {
  test.each([
    ['min_observations', '-1'],
    ['min_observations', '1.5'],
    ['min_observations', '"3000"'],
    ['min_observations', '1_000'],
    ['min_observations', '.inf'],
    ['max_quarantined', '-3'],
    ['max_mismatch_rate', '1.1'],
    ['max_mismatch_rate', '0.1%'],
    ['max_mismatch_rate', '.nan'],
    ['confidence', '1'],
    ['confidence', '95'],
    ['confidence', '0'],
  ])('for %s cannot be %s', (key, text) => {
    expectOnly(
      `${SHORTEST}soak: { ${key}: ${text} }\n`,
      new RegExp(`^soak\\.${key} is .*Write a (whole number|fraction)`),
    );
  });

  test.each(['0', '101', '-5', '10.5', '10%', '"10"', '1e9'])('for percent cannot be %s', (text) => {
    expectOnly(
      fileWith({ cohorts: cohorts(`{ name: a, percent: ${text} }`) }),
      'Write a whole number from 1 to 100, such as 10.',
    );
  });
});

describe('a cohort', () => {
  const only = (...lines: readonly string[]): string => fileWith({ cohorts: cohorts(...lines) });

  test('selects users in one way', () => {
    expectOnly(
      only('{ name: a }'),
      'cohorts[0] selects nobody. Add one of users, match, percent and everyone.',
    );
    expectOnly(only('{ name: a, users: [u], percent: 5 }'), 'cohorts[0].percent is set beside users.');
  });

  test('has a name', () => {
    expectOnly(only('{ everyone: true }'), 'cohorts[0].name is missing.');
  });

  test.each(['""', '" a"', '"a "', '--all', '"a\\nb"', '"a\\u2028b"', '7', 'n'.repeat(64), '"\\0"'])(
    'cannot be called %s',
    (name) =>
      expectOnly(
        only(`{ name: ${name}, everyone: true }`),
        /^cohorts\[0]\.name .*Write a name of at most 63 bytes/,
      ),
  );

  test.each(['Staff', 'pilot school', 'größe-10', '7th', '"😀"', 'a/b', "it's"])(
    'may be called %s',
    (name) => {
      const second = `{ name: ${name}, users: [u] }`;
      expectOnly(only(second, '{ name: z, percent: 0 }'), 'cohorts[1].percent is 0');
    },
  );

  test('with a name that differs in case is another one', () => {
    expectOnly(
      only('{ name: a, users: [u] }', '{ name: A, users: [v], percent: 3 }'),
      'percent is set beside users',
    );
  });

  test('cannot be a word', () => {
    expectOnly(only('staff'), 'cohorts[0] is "staff". Write a cohort as keys and values');
  });

  test('takes everyone or is another kind: false means nothing', () => {
    expectOnly(only('{ name: a, everyone: false }'), 'cohorts[0].everyone is false. Write everyone: true');
  });

  test('is needed', () => {
    expectOnly(fileWith({ cohorts: 'cohorts: []' }), 'cohorts is an empty list. Name at least one cohort');
  });

  test('beyond what an Unleash flag holds is refused, unless flags are in a file', () => {
    const many = cohorts(
      ...Array.from({ length: 30 }, (_, index) => `{ name: c${index}, users: [u-${index}] }`),
    );
    expectOnly(
      fileWith({ cohorts: many, flags: 'flags: {}' }),
      'cohorts are 30, and an Unleash flag has room for 29.',
    );
    expectOnly(fileWith({ cohorts: many, version: 'version: 2' }), 'version is 2');
  });
});

describe('a list of values', () => {
  const users = (list: string): string => fileWith({ cohorts: cohorts(`{ name: a, users: ${list} }`) });

  test('longer than one constraint holds is refused with the way out', () => {
    const ids = Array.from({ length: 251 }, (_, index) => `u-${index}`);
    expectOnly(
      users(`[${ids}]`),
      'cohorts[0].users is a list of 251. Unleash takes at most 250 values: match the users on an attribute instead.',
    );
    const match = fileWith({ cohorts: cohorts(`{ name: a, match: { school: [${ids}] } }`) });
    expectOnly(match, 'cohorts[0].match.school is a list of 251. Unleash takes at most 250 values');
  });

  test.each(['u-1', '{ a: b }', '7'])('cannot be %s', (text) => {
    expectOnly(users(text), /^cohorts\[0]\.users is .*Write a list, such as \[u-1, u-2]/);
  });

  test.each([
    'true',
    '1.5',
    '~',
    '[]',
    '{ }',
    '""',
    '" u"',
    '"u\\t"',
    '"a\\0b"',
    '"\\ud800"',
    '"\\u3000"',
    '1e3',
  ])('cannot hold %s', (item) =>
    expectOnly(users(`[ok, ${item}]`), /^cohorts\[0]\.users\[1] is .*(Write text without spaces|Put quotes)/),
  );

  test.each(['007', '0x1F', '0o17', '1.0', '+5', '-0'])(
    'cannot hold the number %s, which may be an id as it stands',
    (item) => {
      expectOnly(users(`[${item}]`), `cohorts[0].users[0] is ${item}, which YAML reads as the number`);
    },
  );

  test('cannot hold a value twice, as text or as a number', () => {
    expectOnly(
      users('[7, u, "7"]'),
      'cohorts[0].users[2] is "7", which is in the list already. Remove one of the two.',
    );
  });
});

describe('match', () => {
  const match = (text: string, attributes = '{ school: school_id, plan: plan }'): string =>
    fileWith({
      users: `users: { attributes: ${attributes} }`,
      cohorts: cohorts(`{ name: a, match: ${text} }`),
    });

  test('names exactly one attribute', () => {
    expectOnly(match('{ school: [x], plan: [y] }'), 'cohorts[0].match names 2 attributes. Name exactly one');
    expectOnly(match('{}'), 'cohorts[0].match names 0 attributes.');
  });

  test('names one that the users have', () => {
    expectOnly(
      match('{ schol: [x] }'),
      'cohorts[0].match.schol is not in users.attributes. Did you mean school?',
    );
    expectOnly(
      match('{ country: [x] }'),
      'cohorts[0].match.country is not in users.attributes. Add "country" and its column to users.attributes, or match on school, plan.',
    );
    expectOnly(match('{ school: [x] }', '{}'), 'Add "school" and its column to users.attributes.');
  });

  test.each(['school', '[school]', '{ school: x }', '{ school: }'])('cannot be %s', (text) => {
    expectOnly(match(text), /^cohorts\[0]/);
  });

  test.each(['userId', 'environment', 'properties'])('cannot be on %s, which flag contexts use', (name) => {
    expectOnly(
      match(`{ ${name}: [x] }`, `{ ${name}: col }`),
      `users.attributes.${name} is a field that flag contexts use for something else.`,
    );
  });
});

describe('the order of cohorts', () => {
  const order = (...lines: readonly string[]): string => fileWith({ cohorts: cohorts(...lines) });

  test('has everyone at the end', () => {
    expectOnly(
      order('{ name: all, everyone: true }', '{ name: b, users: [u] }', '{ name: c, everyone: true }'),
      'cohorts[0].everyone leaves nobody for the 2 cohorts after it. Move this cohort to the end.',
    );
  });

  test.each([10, 5])('has percentages that grow: %i after 10 is nobody', (percent) => {
    expectOnly(
      order('{ name: a, percent: 10 }', '{ name: b, users: [u] }', `{ name: c, percent: ${percent} }`),
      `cohorts[2].percent is ${percent}, and an earlier cohort takes the first 10 per cent. Percentages are cumulative: write more than 10.`,
    );
  });

  test('leaves nobody for a list after 100 per cent', () => {
    expectOnly(
      order('{ name: a, percent: 100 }', '{ name: b, users: [u] }', '{ name: c, everyone: true }'),
      'cohorts[1] can never have a user: an earlier cohort takes 100 per cent.',
    );
  });

  test('leaves somebody for each list', () => {
    expectOnly(
      order('{ name: a, users: [u, v] }', '{ name: b, users: [w] }', '{ name: c, users: [v, w] }'),
      'cohorts[2] can never have a user: earlier cohorts take all its values.',
    );
    expectOnly(
      order('{ name: a, users: [u, v] }', '{ name: b, users: [v, w] }', '{ name: c, percent: 0 }'),
      'percent',
    );
  });
});

describe('the database', () => {
  test.each([
    'mysql://u:hunter2@h/d',
    'Embedded',
    'host=h password=hunter2',
    'http://hunter2',
    '7',
    'postgres:hunter2',
    '""',
  ])('cannot be %s', (text) => {
    const error = errorOf(fileWith({ database: `database: ${text}` }));
    expect(error.message).toMatch(/ {2}database (is|is neither) .*postgres:\/\//);
    expect(error.message).not.toContain('hunter2');
  });

  test('whose URL cannot be read is not shown', () => {
    const error = errorOf(fileWith({ database: 'database: "postgres://u:hunter2@h:port/d"' }));
    expect(error.message).toContain('database is a postgres:// URL that cannot be read');
    expect(JSON.stringify(error.details) + error.message).not.toContain('hunter2');
  });

  test.each([
    'postgres://localhost/app',
    'postgresql://u:p%40ss@[::1]:5433/app?sslmode=require',
    'postgres:///app?host=/var/run/postgresql',
  ])('may be %s', (url) => {
    expectOnly(fileWith({ database: `database: ${url}`, version: 'version: 0' }), 'version is 0');
  });
});

describe('tables and columns', () => {
  test.each(['a.b.c', '.a', 'a.', '""', '"a b"', 'a..b', `"'"`, 't'.repeat(64), '7', '"a\\0b"'])(
    'no table is %s',
    (name) => {
      const found = linesOf(
        fileWith({ documents: `documents: { table: ${name === `"'"` ? `'"'` : name} }` }),
      );
      expect(found).toHaveLength(1);
      expect(found[0]).toContain('Write a table or schema.table');
    },
  );

  test('a column is named in at most 63 bytes', () => {
    const text = `documents: { columns: { id: ${'ü'.repeat(32)} } }`;
    expectOnly(fileWith({ documents: text }), 'Write the name of one column, at most 63 bytes long.');
  });

  test('the two stores are two tables, however they are written', () => {
    const text = fileWith({ documents: 'documents: { table: docs }' });
    expectOnly(
      `${text}local_first: { table: '"public".docs' }\n`,
      'local_first.table is the legacy table too.',
    );
  });
});

describe('flags and the write path', () => {
  test('are two flags', () => {
    expectOnly(
      fileWith({ flags: 'flags: { provider: file, dual_write: local-first.default }' }),
      'flags.default is the dual_write flag too. Name two flags: they change one at a time.',
    );
  });

  test.each(['a b', '"a/b"', 'ü', '".."', 'f'.repeat(101), '""'])('no flag is called %s', (name) => {
    expectOnly(fileWith({ flags: `flags: { dual_write: ${name} }` }), 'Unleash takes no other flag names.');
  });

  test.each(['ftp://x', 'unleash.test', 'http://', '7'])('no server is at %s', (url) => {
    expectOnly(fileWith({ flags: `flags: { url: ${url} }` }), /^flags\.url .*http/);
  });

  test('`settle` is refused where saves go through dualpath', () => {
    expectOnly(
      `${SHORTEST}settle: 10s\n`,
      'settle is for an application that writes both stores by itself. Leave it out, or set write_path: own.',
    );
  });

  test('a pair of rows cannot be still for no time', () => {
    expectOnly(`${SHORTEST}write_path: own\nsettle: 0s\n`, 'It has to be more than 0.');
  });
});
