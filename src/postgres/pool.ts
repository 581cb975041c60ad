import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import pg from 'pg';

export type Pool = pg.Pool;

/** Long enough for a cold server on a slow network, short enough that a person still waits for the answer. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A connection that does not hang. It limits the time of connecting only: the pool's own `connectionTimeoutMillis` would also limit how long a query may
 * wait for a free connection, and fail work that is merely queued behind other work.
 */
class TimedClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
    // pg leaves the socket open when it gives up half way through a login (no password, no encryption): it would keep
    // this process from ending, and the server from dropping a database, until the server's patience ends.
    const { connection } = this as unknown as { connection: EventEmitter & { stream: Socket } };
    connection.on('error', () => connection.stream.destroy());
  }
}

/**
 * Connections to one database. Nothing connects before the first query. `bigint` columns arrive as strings.
 * Nothing is set for the whole session, so a transaction pooler may stand in between.
 */
export function openPool(url: string, options: { max?: number; applicationName?: string } = {}): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'dualpath',
    keepAlive: true,
    allowExitOnIdle: true,
    Client: TimedClient,
  } as pg.PoolConfig);
  // A connection that dies while nobody uses it is replaced by the pool; unhandled, the event would end the process.
  pool.on('error', () => undefined);
  // The same between two statements of a transaction: the next statement reports it.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
