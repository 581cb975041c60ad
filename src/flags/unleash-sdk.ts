import { randomUUID } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createRequire } from 'node:module';
import { InMemStorageProvider, Unleash } from 'unleash-client';
import type repositoryModule from 'unleash-client/lib/repository/index.js';
import type { FlagUser } from './port.ts';

// The SDK is CommonJS and does not export its repository; loaders differ in what an import of that file yields.
const { default: SdkRepository }: typeof repositoryModule = createRequire(import.meta.url)(
  'unleash-client/lib/repository/index.js',
);
type Repository = InstanceType<typeof SdkRepository>;
type RepositoryOptions = ConstructorParameters<typeof SdkRepository>[0];

/** A client document: what `/api/client/features` answers, and what a flags file holds. */
export interface ClientDocument {
  readonly version: number;
  readonly features: readonly Readonly<Record<string, unknown>>[];
  readonly segments?: readonly unknown[];
}

export type SdkAnswer =
  | { readonly known: true; readonly answers: readonly boolean[] }
  /** The flag is not in what the SDK was given. */
  | { readonly known: false };

const APP_NAME = 'dualpath';

/** The SDK refuses less than a second. */
const SHORTEST_TIMEOUT_MS = 1_000;

/**
 * Answers of the SDK on what the server says now: a fresh repository has no etag and no backup, so the one fetch it
 * makes is a whole one. Nothing of it outlives the call.
 * @throws the SDK's own error; it may quote the request, so never pass it on as it is.
 */
export async function evaluateOnServer(
  server: { readonly origin: string; readonly token: string; readonly timeoutMs: number },
  flag: string,
  users: readonly FlagUser[],
): Promise<SdkAnswer> {
  const connections = ownConnections(server.origin);
  const repository = newRepository({
    url: `${server.origin}/api/`,
    timeout: Math.max(server.timeoutMs, SHORTEST_TIMEOUT_MS),
    // Positive, or the SDK never fetches; the timer of the next fetch is cleared by `stop` below.
    refreshInterval: 60_000,
    customHeadersFunction: async () => ({ Authorization: server.token }),
    httpOptions: connections.options,
    bootstrapProvider: { readBootstrap: async () => undefined },
  });
  let fetched = false;
  let complaint: unknown;
  repository.on('changed', () => {
    fetched = true;
  });
  repository.on('error', (error: unknown) => {
    complaint = error;
  });
  repository.on('warn', (warning: unknown) => {
    complaint ??= new Error(String(warning));
  });
  try {
    return await withRepository(repository, server.timeoutMs, () => {
      if (!fetched) throw complaint ?? new Error('the flag SDK fetched nothing');
      return answersOf(repository, flag, users);
    });
  } finally {
    connections.close();
  }
}

/** The same code on a document, without any server: it never fetches. */
export async function evaluateDocument(
  document: ClientDocument,
  flag: string,
  users: readonly FlagUser[],
): Promise<SdkAnswer> {
  const repository = newRepository({
    url: 'http://127.0.0.1/',
    refreshInterval: 0,
    bootstrapProvider: { readBootstrap: async () => structuredClone(document) as never },
  });
  let complaint: unknown;
  for (const event of ['error', 'warn'])
    repository.on(event, (said: unknown) => {
      complaint ??= said;
    });
  return withRepository(repository, SHORTEST_TIMEOUT_MS * 10, () => {
    if (complaint !== undefined) throw complaint;
    return answersOf(repository, flag, users);
  });
}

function newRepository(
  options: Pick<RepositoryOptions, 'url' | 'refreshInterval' | 'bootstrapProvider'> &
    Partial<RepositoryOptions>,
): Repository {
  return new SdkRepository({
    appName: APP_NAME,
    // Fixed: the SDK's own choice is the name of the user and of the machine.
    instanceId: APP_NAME,
    connectionId: randomUUID(),
    storageProvider: new InMemStorageProvider(),
    mode: { type: 'polling', format: 'full' },
    ...options,
  });
}

async function withRepository<T>(repository: Repository, limitMs: number, use: () => T): Promise<T> {
  const started = repository.start();
  try {
    await within(started, limitMs);
    return use();
  } finally {
    stop(repository);
    // A fetch still under way sets a timer when it ends, and rejects where nobody listens.
    started.then(
      () => stop(repository),
      () => stop(repository),
    );
  }
}

/** `stop` takes all listeners away, and an "error" without a listener would end the process. */
function stop(repository: Repository): void {
  repository.stop();
  repository.on('error', () => undefined);
}

function answersOf(repository: Repository, flag: string, users: readonly FlagUser[]): SdkAnswer {
  if (repository.getToggle(flag) === undefined) return { known: false };
  const unleash = new Unleash({
    url: repository.url,
    appName: APP_NAME,
    repository,
    disableAutoStart: true,
    disableMetrics: true,
    metricsInterval: 0,
    skipInstanceCountWarning: true,
    storageProvider: new InMemStorageProvider(),
  });
  unleash.on('error', () => undefined);
  // It waits for this event, which a repository that has started already does not send again.
  repository.emit('ready');
  try {
    return {
      known: true,
      answers: users.map(({ id, attributes }) =>
        unleash.isEnabled(flag, { userId: id, properties: present(attributes) }),
      ),
    };
  } finally {
    unleash.destroy();
  }
}

function present(attributes: FlagUser['attributes']): Record<string, string> {
  const entries = Object.entries(attributes);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}

/**
 * Connections that end with the call: the SDK's own are kept open, and it tries a request that hangs three times over.
 * Where the environment names a proxy for that server, finding it is left to the SDK.
 */
function ownConnections(origin: string): {
  readonly options: RepositoryOptions['httpOptions'];
  close(): void;
} {
  const { hostname, protocol } = new URL(origin);
  const local = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (!local && Object.keys(process.env).some((name) => /^(https?|all)_proxy$/i.test(name)))
    return { options: {}, close: () => undefined };
  const agent = protocol === 'https:' ? new HttpsAgent() : new HttpAgent();
  let closed = false;
  return {
    options: {
      agent: () => {
        if (closed) throw new Error('the flags are not looked at any more');
        return agent;
      },
    },
    close: () => {
      closed = true;
      agent.destroy();
    },
  };
}

async function within(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the flag SDK got no answer within ${limitMs / 1000} s`)),
      limitMs,
    );
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
