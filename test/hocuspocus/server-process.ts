import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import { configObject } from '../documents/tables.ts';
import { ROOT } from '../support/checkout.ts';
import { atFileEnd } from '../support/file-end.ts';

/** A server in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  /** SIGKILL, until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM: its exit code. */
  stop(): Promise<number | null>;
}

const running = new Set<ServerProcess>();
let copy: string | null = null;
atFileEnd(async () => {
  for (const each of running) await each.kill();
  if (copy) rmSync(copy, { recursive: true, force: true });
  copy = null;
});

/** A copy of the package, because another test run may be building dist anew; it finds itself by its name. */
function packageCopy(): string {
  if (copy) return copy;
  const folder = mkdtempSync(join(tmpdir(), 'dualpath-hocuspocus-'));
  for (const path of ['dist', 'package.json', 'examples']) {
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  cpSync(join(ROOT, 'test/hocuspocus/stock-server.mjs'), join(folder, 'stock-server.mjs'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  copy = folder;
  return folder;
}

/** `examples/hocuspocus/server.js`, as it is. */
export function startExample(databaseUrl: string, port = 0): Promise<ServerProcess> {
  const folder = packageCopy();
  const config = join(folder, `cohorts-${new URL(databaseUrl).pathname.slice(1)}.yaml`);
  writeFileSync(config, stringify({ ...configObject({}), database: databaseUrl }));
  return start([join(folder, 'examples/hocuspocus/server.js'), config], { PORT: String(port) });
}

export const startStock = (databaseUrl: string): Promise<ServerProcess> =>
  start([join(packageCopy(), 'stock-server.mjs')], { PORT: '0', DATABASE_URL: databaseUrl });

async function start(args: readonly string[], env: Record<string, string>): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, said] = /^Listening on (\d+)$/.exec(line) ?? [];
      if (said !== undefined) resolve(Number(said));
    });
    child.once('exit', (code) => reject(new Error(`The server ended with ${code} before it listened.`)));
  });
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    child.kill(signal);
    running.delete(server);
    return ended;
  };
  const server: ServerProcess = {
    url: `ws://127.0.0.1:${port}`,
    port,
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
  running.add(server);
  return server;
}
