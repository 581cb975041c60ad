// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the file, which look like that
import { describe, expect, test } from 'vitest';
import { cohorts, errorOf, fileWith, linesOf, mistakesOf, SHORTEST } from './support.ts';

describe('a file that is not YAML', () => {
  test.each([
    [
      'a tab',
      'version: 1\ndocuments:\n\ttable: x\n',
      'cohorts.yaml:3:1  the file is indented with a tab, which YAML forbids. Indent with spaces.',
    ],
    ['a second document', `${SHORTEST}---\nversion: 1\n`, 'holds a second YAML document'],
    ['a quote left open', 'version: 1\ndatabase: "embedded\n', 'has a quote, bracket or colon missing'],
    ['a bracket left open', 'version: 1\ncohorts: [{ name: a\n', 'or close the bracket above it'],
    ['a key without a colon', 'version 1\ndatabase: x\n', 'has a key without a colon'],
    [
      'a crooked indent',
      'documents:\n  table: x\n format: text\n',
      'has a line that belongs to nothing above it',
    ],
    ['two keys on a line', 'database: x: y\n', 'has two keys on one line'],
    ['a reserved character', 'database: @x\n', 'has text that begins with @ or `'],
    ['an unknown escape', 'database: "\\q"\n', 'has an unknown escape'],
    ['a list in place of a key', `? [a]\n: 1\n${SHORTEST}`, 'has a key that is a list or a map'],
  ])('because of %s says where, and how to mend it', (_, text, message) => {
    const error = errorOf(text);
    expect(error.code).toBe('config-invalid');
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/cohorts\.yaml:\d+:\d+ {2}/);
  });

  test('because a variable stands without quotes in brackets, says so', () => {
    for (const text of ['flags: { url: ${UNLEASH_URL} }\n', 'users: [${A}, b]\n'])
      expect(errorOf(text).message).toContain(
        'has a variable without quotes inside [ ] or { }. Put double quotes around it',
      );
  });

  test('does not have its text repeated, which may be a token', () => {
    const texts = [
      'flags:\n  admin_token: "x" hunter2\n',
      'flags:\n  admin_token: *hunter2\n',
      'flags:\n  admin_token: "hunter2\n',
      'flags:\n  admin_token: hunter2: hunter2\n',
      'flags:\n  admin_token: !hunter2 hunter2\n',
      '- hunter2\nhunter2\n',
    ];
    for (const text of texts) {
      const { message, details } = errorOf(text);
      expect(
        message.replace('the anchor hunter2', '') + JSON.stringify(details).replace('the anchor hunter2', ''),
      ).not.toContain('hunter2');
    }
  });

  test('with mistakes on several lines is told each', () => {
    const lines = mistakesOf('database: @a\ndocuments:\n\ttable: x\nusers: `b`\n').map(({ line }) => line);
    expect(lines).toEqual([1, 3, 4]);
  });
});

describe('what can be read nevertheless', () => {
  test('is judged beside a key that stands there twice', () => {
    expect(linesOf(`${SHORTEST}version: 2\nkeep: soon\n`)).toEqual([
      '8:1  has the same key twice in one place. Keep one of the two.',
      expect.stringContaining('9:7 keep is "soon".'),
    ]);
  });

  test('is judged beside a tag', () => {
    expect(linesOf(`${SHORTEST}keep: !duration soon\n`)).toHaveLength(2);
  });
});

describe('an anchor', () => {
  test('that is not defined is named', () => {
    expect(linesOf(`${SHORTEST}soak: *quick\n`)).toEqual([
      '8:7 soak refers to the anchor quick, which is not defined above it. Write the value out here.',
    ]);
  });

  test('that leads back to itself is refused', () => {
    expect(errorOf(`${SHORTEST}soak: &s { duration: 1h, bake: *s }\n`).message).toContain(
      'leads back to itself',
    );
  });

  test('that multiplies itself is refused before it fills the memory', () => {
    const levels = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'l0: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1]'
        : `l${level}: &l${level} [${Array(9).fill(`*l${level - 1}`)}]`,
    );
    const error = errorOf(`${SHORTEST}${levels.join('\n')}\n`);
    expect(error.message).toContain('far too much');
    expect(error.message.length).toBeLessThan(100_000);
  });

  test('mistakes in what it stands for are found where they are', () => {
    const text = fileWith({ cohorts: cohorts('{ name: a, everyone: true, soak: *quick }') });
    const [first] = linesOf(`soak: &quick { duration: 5 }\n${text}`);
    expect(first).toContain('1:26 soak.duration is 5.');
  });
});

test.each([
  ['brackets', '['.repeat(100_000)],
  ['braces', '{ a: '.repeat(100_000)],
  ['dashes', `\n${'- '.repeat(100_000)}`],
  ['indents', Array.from({ length: 1200 }, (_, level) => `\n${' '.repeat(level)}a:`).join('')],
])('a file nested thousands of %s deep is refused before it is parsed', (_, deep) => {
  expect(errorOf(`${SHORTEST}soak: ${deep}`).message).toMatch(
    /cohorts\.yaml:\d+:\d+ {2}the file is nested far deeper than a config\./,
  );
});
