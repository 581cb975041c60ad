import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Where something is made before it is renamed to `path`, whole: beside it, under a name that says which process makes
 * it. What killed processes left beside `path` is removed.
 */
export function stagingFor(path: string): string {
  const parent = dirname(path);
  const prefix = `${basename(path)}.new-`;
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (pid > 0 && !processExists(pid)) rmSync(join(parent, name), { recursive: true, force: true });
  }
  return `${path}.new-${process.pid}-${randomBytes(3).toString('hex')}`;
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
