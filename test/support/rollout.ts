import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { type CliResult, type Running, runCli, startCli } from './cli.ts';
import { atFileEnd } from './file-end.ts';

/** A rollout of a test: its own folder with a config, driven through the command line as a person would. */
export interface TestRollout {
  readonly directory: string;
  readonly config: string;
  /** Writes the config anew, with these keys over those it had. */
  change(keys: object): void;
  /** Runs a command with `--json` and gives what it printed; the exit code must be the expected one. */
  run<T = unknown>(args: readonly string[], exit?: number): Promise<T>;
  /** Runs a command and gives everything. */
  try(args: readonly string[]): Promise<CliResult>;
  start(args: readonly string[]): Running;
}

const directories: string[] = [];
atFileEnd(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** Soak and bake of no length and few samples: what the gates judge is tested elsewhere, what they hold up is not. */
export const QUICK = {
  soak: { duration: '0s', min_observations: 1, max_mismatch_rate: 1, max_evidence_age: '1h' },
  bake: { duration: '0s' },
} as const;

export function rolloutOf(keys: object): TestRollout {
  const directory = mkdtempSync(join(tmpdir(), 'dualpath-rollout-'));
  directories.push(directory);
  const config = join(directory, 'cohorts.yaml');
  let current = keys;
  const write = (): void => writeFileSync(config, stringify(current));
  write();
  const full = (args: readonly string[]): readonly string[] => [...args, '--config', config];
  return {
    directory,
    config,
    change(more) {
      current = { ...current, ...more };
      write();
    },
    async run<T>(args: readonly string[], exit = 0) {
      const result = await runCli([...full(args), '--json'], { cwd: directory });
      expect(result, `dualpath ${args.join(' ')}\n${result.stderr}\n${result.stdout}`).toMatchObject({
        exit,
      });
      return JSON.parse(result.stdout) as T;
    },
    try: (args) => runCli(full(args), { cwd: directory }),
    start: (args) => startCli(full(args), { cwd: directory }),
  };
}
