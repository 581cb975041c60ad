import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Progress } from '../../src/backfill/backfill.ts';
import { atFileEnd } from '../support/file-end.ts';
import { CONFIG, type School } from './school.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RUNNER = fileURLToPath(new URL('runner.mjs', import.meta.url));

let copy: string | null = null;
atFileEnd(() => {
  if (copy) rmSync(copy, { recursive: true, force: true });
  copy = null;
});

/** A copy of the program, because another test run may be building dist anew. */
function program(): string {
  if (copy) return copy;
  const folder = mkdtempSync(join(tmpdir(), 'dualpath-backfill-'));
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  copy = folder;
  return folder;
}

/** What a backfill in a process of its own says, line by line. */
export interface Line {
  readonly progress?: Progress;
  readonly result?: { readonly seeded: number; readonly quarantined: number; readonly remaining: 0 };
  readonly residentMb?: number;
}

export interface Child {
  readonly process: ChildProcess;
  readonly lines: readonly Line[];
  /** When it ended, by itself (its exit code) or not (null), and what it complained of. */
  readonly ended: Promise<{ readonly code: number | null; readonly errors: string }>;
}

export function spawnBackfill({ database, fence }: School, nodeOptions: readonly string[] = []): Child {
  const child = spawn(process.execPath, [...nodeOptions, RUNNER, join(program(), 'dist')], {
    env: { ...process.env, BACKFILL: JSON.stringify({ url: database.url, config: CONFIG, fence }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: Line[] = [];
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => lines.push(JSON.parse(line) as Line));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const read = new Promise<void>((resolve) => output.once('close', resolve));
  const ended = new Promise<{ code: number | null; errors: string }>((resolve) => {
    child.once('close', (code) => void read.then(() => resolve({ code, errors })));
  });
  return { process: child, lines, ended };
}
