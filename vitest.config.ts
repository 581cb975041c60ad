import { defineConfig } from 'vitest/config';

// `fast` needs no database and runs in seconds; `postgres` shares one real server, a database a file.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.pg.test.ts'],
        },
      },
      {
        test: {
          name: 'postgres',
          // Runs after `fast`, with workers of its own.
          sequence: { groupOrder: 1 },
          include: ['test/**/*.pg.test.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
