import { type ChildProcess, execFileSync } from 'node:child_process';
import { linkSync, readdirSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processExists } from './staging.ts';

/** What a running server writes into its data folder. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/** The server of a data folder as its `postmaster.pid` has it, running or not; undefined when there is no such file. */
export function readPostmaster(data: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' };
}

/** Whether that process is a server of this data folder, and no zombie or later process that got the same number. */
export function isAlive(data: string, pid: number): boolean {
  if (namesInCommand(pid, data)) return true;
  // The folder may have been moved since; the working folder of a process moves along.
  return process.platform === 'linux' && readlink(`/proc/${pid}/cwd`) === realpathSync(data);
}

/**
 * Removes the pid file of a server that is gone, when its number now belongs to another process and Postgres would
 * therefore refuse to start. Not while a process of the dead server still has the data folder open: Postgres checks
 * that by the shared memory named in the same file.
 */
export function forgetPostmaster(data: string, dead: number): void {
  if (!processExists(dead) || processesIn(data).length > 0) return;
  const file = join(data, 'postmaster.pid');
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
    // Another command may have started a server since we looked: then this is its file.
    if (Number(readFileSync(aside, 'utf8').split('\n')[0]) !== dead) linkSync(aside, file);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** The processes whose working folder is the data folder: every process of its server; empty where nobody can tell. */
export function processesIn(data: string): number[] {
  if (process.platform !== 'linux') return [];
  const real = realpathSync(data);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => readlink(`/proc/${name}/cwd`) === real)
    .map(Number);
}

export function exited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function namesInCommand(pid: number, path: string): boolean {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(path);
    const args = ['-o', 'command=', '-p', String(pid)];
    return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).includes(path);
  } catch {
    return false;
  }
}

function readlink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
