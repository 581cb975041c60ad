import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of READMEs of installed packages, evenly spread: the same on every machine with the same packages. */
export function sampleOfReadmes(count: number): readonly string[] {
  const paths = readmesUnder('node_modules');
  return Array.from({ length: count }, (_, index) => paths[Math.floor((index * paths.length) / count)] ?? '');
}

function readmesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /readme\.md$/i.test(name))
    .map((name) => join(folder, name))
    .sort();
}
