import { defineConfig } from 'vitest/config';

/** One real server for the run, a database a file. What a file leaves is cleared by test/support/file-end.ts. */
const onPostgres = {
  isolate: false,
  setupFiles: ['test/support/setup.ts'],
  // After `fast`, with workers of its own.
  sequence: { groupOrder: 1 },
  globalSetup: ['test/support/global-setup.ts'],
  maxWorkers: 2,
};

/**
 * `fast` needs no database and runs in seconds; `postgres` runs on the embedded server and a real Unleash, in minutes;
 * `seeds` plays the hardest scenario for half an hour; `long` shows the same behaviours at the sizes and lengths that take their time, and packs and installs the package;
 * `long-fast` those of them that need no database.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.pg.test.ts', 'test/**/*.long.test.ts'],
          // Only against hanging: how long a busy machine takes decides nothing.
          testTimeout: 60_000,
          // Nothing here leaves anything behind for the next file, so that none has to load everything anew.
          isolate: false,
        },
      },
      {
        test: {
          ...onPostgres,
          name: 'postgres',
          include: ['test/**/*.pg.test.ts'],
          exclude: ['test/**/*.long.pg.test.ts', 'test/**/*.seeds.pg.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'long-fast',
          include: ['test/**/*.long.test.ts'],
          testTimeout: 600_000,
        },
      },
      {
        test: {
          ...onPostgres,
          name: 'seeds',
          include: ['test/**/*.seeds.pg.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          ...onPostgres,
          name: 'long',
          include: ['test/**/*.long.pg.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
