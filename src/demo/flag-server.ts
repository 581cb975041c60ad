import { randomBytes } from 'node:crypto';
import type { Pool } from '../postgres/pool.ts';
import { startUnleash, type UnleashServer } from './unleash-server.ts';

export interface FlagServer {
  readonly server: UnleashServer;
  readonly url: string;
  readonly adminToken: string;
  readonly clientToken: string;
  readonly adminPassword: string;
}

const DATABASE = 'dualpath_demo_unleash';

/**
 * Its secrets are made anew each time; its database is too, so that no earlier demo's flags are there. An Unleash that
 * was kept ends with the database it had. `url` is that of any database of the same server.
 */
export async function startFlagServer(pool: Pool, url: string, signal: AbortSignal): Promise<FlagServer> {
  await pool.query(`drop database if exists ${DATABASE} with (force)`);
  await pool.query(`create database ${DATABASE}`);
  const databaseUrl = new URL(url);
  databaseUrl.pathname = `/${DATABASE}`;
  const secrets = {
    adminToken: `*:*.${randomBytes(24).toString('hex')}`,
    clientToken: `default:development.${randomBytes(24).toString('hex')}`,
    adminPassword: randomBytes(12).toString('hex'),
  };
  const server = await startUnleash({ databaseUrl: databaseUrl.href, secrets, signal });
  return { server, url: server.url, ...secrets };
}
