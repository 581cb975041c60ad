// Compiles src to dist and puts the SQL migrations beside the code that reads them. Made elsewhere and swapped in whole:
// a program that starts meanwhile, or a second build, never meets half of it.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const dist = `${root}/dist`;
const fresh = `${root}/node_modules/.dualpath-new-${process.pid}`;
const old = `${root}/node_modules/.dualpath-old-${process.pid}`;

const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', fresh];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
// A type error does not keep the compiler from writing; it does fail the build.
process.exitCode = status ?? 1;
cpSync(`${root}/src/postgres/migrations`, `${fresh}/postgres/migrations`, { recursive: true });
swapIn();
rmSync(old, { recursive: true, force: true });

function swapIn() {
  for (let tries = 0; ; tries += 1) {
    try {
      if (existsSync(dist)) renameSync(dist, old);
      renameSync(fresh, dist);
      return;
    } catch (error) {
      // Another build was between the two steps.
      if (tries === 5) throw error;
      rmSync(old, { recursive: true, force: true });
    }
  }
}
