// What the write path costs beside what it replaces: `npm run bench`, or `npm run bench -- --quick` in a minute. Every figure
// stands beside its peer, measured in turn in the same run on the same machine; read the ratios. `--json FILE` writes them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { ensureEmbedded, stopEmbedded } from '../dist/postgres/embedded.js';
import { openPool } from '../dist/postgres/pool.js';
import { benchMerges } from './bench/merges.js';
import { benchUpdateBytes } from './bench/update-bytes.js';
import { benchWrites } from './bench/writes.js';
import { openWorld } from './bench/world.js';

const quick = process.argv.includes('--quick');
const file = process.argv.includes('--json') ? process.argv[process.argv.indexOf('--json') + 1] : null;

const directory = mkdtempSync(join(tmpdir(), 'dualpath-bench-'));
const { url } = await ensureEmbedded(directory);
const pool = openPool(url, { max: 4 });
try {
  const world = await openWorld(pool, url);
  const machine = await describeMachine();
  console.log(`${machine.cpu}, ${machine.cores} cores, load ${machine.load}; Node ${machine.node}, ${machine.postgres}\n`);
  const rows = [
    ...(await benchWrites(world, quick ? 60 : 400)),
    ...benchMerges(quick ? 10 : 40),
    ...benchUpdateBytes(world.readmes, quick ? 20 : 200),
  ];
  print(rows);
  if (file) writeFileSync(file, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
  await world.close();
} finally {
  await pool.end();
  await stopEmbedded(directory);
  rmSync(directory, { recursive: true, force: true });
}

async function describeMachine() {
  const { rows } = await pool.query('show server_version');
  return {
    cpu: cpus()[0]?.model ?? 'unknown processor',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0]?.toFixed(1),
    node: process.version,
    postgres: `PostgreSQL ${rows[0].server_version}`,
  };
}

/** One row a figure: what, ours, the peer, the ratio, the target. */
function print(rows) {
  const cells = [
    ['', 'ours', 'peer', 'ratio', 'target'],
    ...rows.map(({ what, ours, peer, unit, target }) => [
      what,
      `${format(ours)} ${unit}`,
      peer === null ? '' : `${format(peer)} ${unit}`,
      peer === null ? '' : `${(ours / peer).toFixed(2)}×`,
      target,
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells)
    console.log(row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '));
}

function format(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
