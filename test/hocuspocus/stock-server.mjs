// Hocuspocus as its guide has it, with one table of its own: it stores some time after it acknowledged.
import { Server } from '@hocuspocus/server';
import pg from 'pg';
import * as Y from 'yjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

const server = new Server({
  port: Number(process.env.PORT),
  address: '127.0.0.1',
  quiet: true,
  async onLoadDocument({ document, documentName }) {
    const { rows } = await pool.query('select state from stock where name = $1', [documentName]);
    Y.applyUpdate(document, rows[0].state);
  },
  async onStoreDocument({ document, documentName }) {
    const state = Buffer.from(Y.encodeStateAsUpdate(document));
    await pool.query('update stock set state = $2 where name = $1', [documentName, state]);
  },
  async onListen({ port }) {
    console.log(`Listening on ${port}`);
  },
});

await server.listen();
