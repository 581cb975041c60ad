// A backfill in a process of its own, to be killed: node runner.mjs DIST, the rest as JSON in the environment.
import { pathToFileURL } from 'node:url';

const [, , dist] = process.argv;
const load = (path) => import(new URL(path, pathToFileURL(`${dist}/`)).href);
const { backfill } = await load('backfill/backfill.js');
const { parseConfig } = await load('config/load.js');
const { openStores } = await load('documents/stores.js');
const { openPool } = await load('postgres/pool.js');

const { url, config, fence } = JSON.parse(process.env.BACKFILL ?? '{}');
const pool = openPool(url);
const stores = await openStores(pool, parseConfig(config, { path: 'cohorts.yaml', env: {} }));
let residentMb = 0;
const onProgress = (progress) => {
  residentMb = Math.max(residentMb, Math.round(process.memoryUsage.rss() / 1024 / 1024));
  console.log(JSON.stringify({ progress }));
};
console.log(JSON.stringify({ result: await backfill(pool, stores, fence, { onProgress }), residentMb }));
await pool.end();
