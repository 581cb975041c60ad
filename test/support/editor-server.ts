import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type {
  LoadInput,
  LoadResult,
  PullInput,
  PullResult,
  PushInput,
  PushResult,
  SaveInput,
  SaveResult,
  WritePath,
} from '../../src/index.ts';
import { ROOT } from './checkout.ts';

const SCRIPT = fileURLToPath(new URL('document-server.mjs', import.meta.url));

export interface Calls {
  readonly save: { readonly input: SaveInput; readonly result: SaveResult };
  readonly load: { readonly input: LoadInput; readonly result: LoadResult };
  readonly push: { readonly input: PushInput; readonly result: PushResult };
  readonly pull: { readonly input: PullInput; readonly result: PullResult };
  readonly pathFor: {
    readonly input: { readonly id: string; readonly user: string };
    readonly result: WritePath;
  };
}

export type Answer<T> =
  | { readonly done: T }
  | { readonly failed: { readonly code: string; readonly message: string; readonly retryable?: boolean } };

/** When the server is to kill itself: after the call and before its answer, or after so many milliseconds. */
export type Death = 'answer' | number;

/** A real application server: the built document store behind HTTP, started again whenever it is killed. */
export interface EditorServer {
  readonly name: string;
  /**
   * Asks until there is an answer: a request whose answer was lost, or that may be tried again, is sent once more as it was.
   * @param death of the server at the first try
   */
  ask<C extends keyof Calls>(
    call: C,
    input: Calls[C]['input'],
    death?: Death,
  ): Promise<Answer<Calls[C]['result']>>;
  kill(): void;
  deaths(): number;
  close(): Promise<void>;
}

/** @param flags path of the flags file that it reads */
export function openEditorServer(name: string, config: string, flags: string): EditorServer {
  let deaths = 0;
  let closing = false;
  const start = (): Run => {
    const run = startRun(name, config, flags);
    run.child.once('close', () => {
      if (closing || run !== running) return;
      deaths += 1;
      running = spare;
      spare = start();
    });
    return run;
  };
  let running = start();
  /** Takes over at once when the running one is killed: what it takes to start a process is nobody's matter here. */
  let spare = start();

  const once = async (call: string, body: string, death?: Death): Promise<Answer<unknown> | 'lost'> => {
    const at = await running.port;
    if (at === null) return 'lost';
    try {
      const response = await fetch(`http://127.0.0.1:${at}/${call}`, {
        method: 'POST',
        body,
        headers: death === undefined ? {} : { 'x-die': String(death) },
      });
      return JSON.parse(await response.text(), revive) as Answer<unknown>;
    } catch {
      // The server is gone, and its answer with it.
      return 'lost';
    }
  };

  return {
    name,
    async ask(call, input, death) {
      const body = JSON.stringify(input, dress);
      for (let tries = 1; ; tries += 1) {
        const said = await once(call, body, tries === 1 ? death : undefined);
        const again = said === 'lost' || ('failed' in said && said.failed.retryable === true);
        if (!again) return said as never;
        if (tries === MOST_TRIES)
          throw new Error(`${name} never answered a ${call}: ${JSON.stringify(said)}`);
        await sleep(PAUSE_MS);
      }
    },
    kill: () => running.child.kill('SIGKILL'),
    deaths: () => deaths,
    async close() {
      closing = true;
      await Promise.all([running.end(), spare.end()]);
    },
  };
}

interface Run {
  readonly child: ChildProcess;
  /** Null: it was killed before it listened. */
  readonly port: Promise<number | null>;
  end(): Promise<void>;
}

/** One process. What it complains of before it listens is this run's error. */
function startRun(name: string, config: string, flags: string): Run {
  const child = spawn(process.execPath, [SCRIPT, `${ROOT}/dist`], {
    env: { ...process.env, CONFIG: config, FLAGS: flags },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const listening = new Promise<number>((resolve) => lines.once('line', (line) => resolve(Number(line))));
  const failed = ended.then((code) => {
    if (code !== null) throw new Error(`${name} ended with ${code}.`);
    return null;
  });
  const port = Promise.race([listening, failed]);
  // Whoever asks next is told.
  port.catch(() => undefined);
  return {
    child,
    port,
    async end() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const MOST_TRIES = 200;
const PAUSE_MS = 50;

const dress = (_key: string, value: unknown): unknown =>
  value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;

const revive = (_key: string, value: unknown): unknown => {
  const { base64 } = (value ?? {}) as { base64?: unknown };
  return typeof base64 === 'string' ? new Uint8Array(Buffer.from(base64, 'base64')) : value;
};
