import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, inject } from 'vitest';
import { startUnleash, type UnleashServer } from '../../src/demo/unleash-server.ts';
import { freshDatabase } from './database.ts';
import { ADMIN_TOKEN, CLIENT_TOKEN } from './flag-config.ts';

export interface TestUnleash {
  readonly url: string;
  readonly pid: number;
  /** A person's own doing in Unleash: one call to its admin API, in the session of the user `who`. */
  byHand(who: string, method: string, path: string, body?: unknown): Promise<unknown>;
}

type Headers = Readonly<Record<string, string>>;

/** One real Unleash server for a test file, in a database of its own. */
export function sharedUnleash(): TestUnleash {
  let server: UnleashServer;
  const people = new Map<string, Promise<Headers>>();
  beforeAll(async () => {
    inject('serverUrl');
    const database = await freshDatabase({ migrated: false });
    server = await startUnleash({
      databaseUrl: database.url,
      secrets: { adminToken: ADMIN_TOKEN, clientToken: CLIENT_TOKEN },
    });
  }, 120_000);
  afterAll(async () => server?.stop());

  const call = async (as: Headers, method: string, path: string, body?: unknown): Promise<Response> => {
    const response = await fetch(server.url + path, {
      method,
      headers: { ...as, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const login = async (username: string): Promise<Headers> => {
    const password = 'Correct-horse-77-battery';
    const user = { username, password, rootRole: 1, sendEmail: false };
    await call({ authorization: ADMIN_TOKEN }, 'POST', '/api/admin/user-admin', user);
    const answer = await call({}, 'POST', '/auth/simple/login', { username, password });
    const session = { cookie: answer.headers.getSetCookie().join('; ') };
    // Unleash answers a login before it has stored the session.
    for (let tries = 0; tries < 50; tries += 1) {
      const { ok } = await fetch(`${server.url}/api/admin/user`, { headers: session });
      if (ok) break;
      await sleep(100);
    }
    return session;
  };

  return {
    get url() {
      return server.url;
    },
    get pid() {
      return server.pid;
    },
    async byHand(who, method, path, body) {
      const session = people.get(who) ?? login(who);
      people.set(who, session);
      const answer = await call(await session, method, `/api/admin/${path}`, body);
      const text = await answer.text();
      return text === '' ? undefined : JSON.parse(text);
    },
  };
}
