// Catches up again and again in a process of its own until its input ends: node catch-up-runner.mjs DIST URL CONFIG.
import { pathToFileURL } from 'node:url';

const [, , dist, url, config] = process.argv;
const load = (path) => import(new URL(path, pathToFileURL(`${dist}/`)).href);
const { parseConfig } = await load('config/load.js');
const { openStores } = await load('documents/stores.js');
const { openPool } = await load('postgres/pool.js');
const { catchUp } = await load('write-path/catch-up.js');

let going = true;
process.stdin.on('end', () => {
  going = false;
});
process.stdin.resume();

const pool = openPool(url);
const stores = await openStores(pool, parseConfig(config, { path: 'cohorts.yaml', env: {} }));
const total = { calls: 0, taken: 0, seeded: 0, deleted: 0, left: 0 };
console.log('ready');
while (going) {
  const done = await catchUp(pool, stores);
  total.calls += 1;
  for (const key of ['taken', 'seeded', 'deleted', 'left']) total[key] += done[key];
}
await pool.end();
console.log(JSON.stringify(total));
