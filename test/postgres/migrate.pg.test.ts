import { expect, it } from 'vitest';
import { migrate, schemaVersion } from '../../src/postgres/migrate.ts';
import { freshDatabase } from '../support/database.ts';

it('installs the schema once, and finds it installed the second time', async () => {
  const { pool } = await freshDatabase({ migrated: false });
  const first = await migrate(pool);
  expect(first.from).toBe(0);
  expect(await migrate(pool)).toEqual({ from: first.to, to: first.to });
  expect(await schemaVersion(pool)).toBe(first.to);
});
