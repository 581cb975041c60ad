import { expect, it } from 'vitest';
import { asDualpathError } from '../../src/postgres/errors.ts';
import { databaseOf, redactUrl, withoutSecrets } from '../../src/postgres/redact.ts';

const SECRET = 's3cr3t@word';
const URL_WITH = `postgres://ann:${encodeURIComponent(SECRET)}@db.example:6543/app?sslmode=require&sslpassword=${encodeURIComponent(SECRET)}`;

it('shows a URL without its passwords', () => {
  expect(redactUrl(URL_WITH)).toBe('postgres://ann:***@db.example:6543/app?sslmode=require&sslpassword=***');
});

it('does not repeat what cannot be read as a URL', () => {
  expect(redactUrl(`postgres//ann:${SECRET}`)).not.toContain(SECRET);
});

it('names a database by its place', () => {
  expect(databaseOf(URL_WITH)).toBe('The database app at db.example:6543');
  expect(databaseOf('postgres:///app?host=/run/postgresql')).toBe('The database app at /run/postgresql:5432');
  expect(databaseOf(undefined)).toBe('The database');
});

it('takes the passwords out of a text, encoded or not', () => {
  const text = withoutSecrets(`${URL_WITH} and ${SECRET} and ${encodeURIComponent(SECRET)}`, URL_WITH);
  expect(text).not.toContain('s3cr3t');
});

it('keeps the URL out of the error about a URL that cannot be read', () => {
  const url = `postgres://ann:${SECRET}@db.example:notaport/app`;
  let thrown: unknown;
  try {
    new URL(url);
  } catch (error) {
    thrown = asDualpathError(error, { url });
  }
  expect(thrown).toMatchObject({ code: 'database-url', exitCode: 2 });
  expect((thrown as Error).cause).toBeUndefined();
});

it('leaves alone what it does not know', () => {
  const bug = new TypeError('x is not a function');
  expect(asDualpathError(bug, { url: URL_WITH })).toBe(bug);
  expect(asDualpathError('text')).toBe('text');
});
