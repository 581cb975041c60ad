// A verification in a process of its own, to be killed: node runner.mjs DIST, the rest as JSON in the environment.
import { pathToFileURL } from 'node:url';

const [, , dist] = process.argv;
const load = (path) => import(new URL(path, pathToFileURL(`${dist}/`)).href);
const { parseConfig } = await load('config/load.js');
const { openStores } = await load('documents/stores.js');
const { openPool } = await load('postgres/pool.js');
const { verify } = await load('verify/verify.js');

const { url, config, cohort } = JSON.parse(process.env.VERIFY ?? '{}');
const pool = openPool(url);
const stores = await openStores(pool, parseConfig(config, { path: 'cohorts.yaml', env: {} }));
const onProgress = ({ compared }) => console.log(JSON.stringify({ compared }));
const [result] = await verify(pool, stores, { cohorts: [cohort], scope: 'full', onProgress });
console.log(JSON.stringify({ result, residentMb: Math.round(process.resourceUsage().maxRSS / 1024) }));
await pool.end();
