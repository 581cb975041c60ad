import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DocumentStore } from '../index.ts';

const START_LIMIT_MS = 60_000;

type Calls = Pick<DocumentStore, 'load' | 'save' | 'pull' | 'push'>;

/** An editor's server in a process of its own, with a document store and a database connection of its own. */
export interface EditorServer {
  readonly documents: Calls;
  /** From now on it does what it is asked, and answers nobody: its answers are on their way for ever. */
  muffle(): void;
  /** SIGKILL: nothing in it gets a chance to finish. What was asked and not answered fails. */
  kill(): Promise<void>;
}

export class ServerGoneError extends Error {}

/** Starts a server on the database of a config. It ends with its parent, however that ends. */
export async function startEditorServer(config: string): Promise<EditorServer> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', CHILD], {
    env: { ...process.env, DUALPATH_DEMO_STORE: storeModule(), DUALPATH_DEMO_CONFIG: config },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Bytes stay bytes on the way.
    serialization: 'advanced',
    // A group of its own: Ctrl-C in the terminal is for the parent, whose students want their answers first.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const call = caller(child);
  await within(call('open', {})).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    documents: {
      load: (input) => call('load', input),
      save: (input) => call('save', input),
      pull: (input) => call('pull', input),
      push: (input) => call('push', input),
    },
    muffle: () => void child.send({ muffle: true }),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The built library: beside us, or where the sources are built to. */
function storeModule(): string {
  const places = [new URL('../index.js', import.meta.url), new URL('../../dist/index.js', import.meta.url)];
  const found = places.find((place) => existsSync(fileURLToPath(place)));
  if (!found) throw new Error('dualpath is not built: run `npm run build`');
  return found.href;
}

/** Runs from the sources and from the build alike, which is why it is text. */
const CHILD = `
process.on('disconnect', () => process.exit(0));
const { openDocumentStore } = await import(process.env.DUALPATH_DEMO_STORE);
const documents = await openDocumentStore({ config: process.env.DUALPATH_DEMO_CONFIG });
let muffled = false;
process.on('message', async ({ muffle, number, method, input }) => {
  if (muffle) return void (muffled = true);
  const answer = await (method === 'open' ? Promise.resolve() : documents[method](input)).then(
    (value) => ({ number, value }),
    (error) => ({ number, error: String(error?.stack ?? error) }),
  );
  if (!muffled) process.send(answer);
});
process.send({ number: 0 });
`;

interface Answer {
  readonly number: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Calls by number, for several may be under way; what is sent before the server is ready waits for it. */
function caller(child: ChildProcess): <T>(method: string, input: object) => Promise<T> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let asked = 0;
  child.on('message', ({ number, value, error }: Answer) => {
    const call = waiting.get(number);
    waiting.delete(number);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new Error(error));
  });
  child.once('error', (error) => {
    for (const { reject } of waiting.values()) reject(error);
  });
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new ServerGoneError('the server is gone'));
  });
  return <T>(method: string, input: object) =>
    new Promise<T>((resolve, reject) => {
      asked += 1;
      waiting.set(asked, { resolve: (value) => resolve(value as T), reject });
      child.send({ number: asked, method, input }, (error) => error && reject(error));
    });
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`an editor's server did not start within ${START_LIMIT_MS / 1000} s`)),
      START_LIMIT_MS,
    );
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
