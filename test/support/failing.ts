import { expect } from 'vitest';
import { documentOf } from '../cli/document-of.ts';
import { runHere } from '../cli/streams.ts';
import { ADMIN_TOKEN, CLIENT_TOKEN } from './flag-config.ts';
import { QUICK } from './rollout.ts';
import { schoolTables } from './school.ts';

/** A password that must never be seen again. */
export const PASSWORD = 'sesame-4711';

/** A port that nobody listens on. */
export const NO_SERVER = 'http://127.0.0.1:9';

export interface Told {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What a command said when it failed: one sentence, one remedy, no stack and no secret, for people and programs alike. */
export async function failing(config: string, line: string, exit: number): Promise<Told> {
  const words = [...line.split(' '), '--config', config];
  const result = await runHere([...words, '--json']);
  const output = result.stdout + result.stderr;
  expect(result, `${line}\n${result.stderr}`).toMatchObject({ exit });
  for (const secret of [PASSWORD, ADMIN_TOKEN, CLIENT_TOKEN]) expect(output).not.toContain(secret);
  expect(output).not.toMatch(/^\s+at /m);
  const { error } = documentOf(result) as { error: Told };
  expect(error.message).toMatch(/^\S.*\.$/s);
  expect(error.remedy).toMatch(/^\S.*[.)]$/);
  expect(error.code).not.toBe('internal');
  return error;
}

/** A config of the demo's school, with more keys or others. */
export const keysOf = (database: string, more: object = {}): object => ({
  version: 1,
  database,
  ...schoolTables,
  flags: { provider: 'file' },
  ...QUICK,
  cohorts: [{ name: 'everyone', everyone: true }],
  ...more,
});
