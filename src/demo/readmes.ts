import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { defaultMarkdownParser } from 'prosemirror-markdown';

/** A document as the school's editor would have saved it: a title and ProseMirror JSON. */
export interface Readme {
  readonly title: string;
  readonly content: unknown;
}

/** Longer ones exist; a student's essay is not half a megabyte. */
const LONGEST = 60_000;

/**
 * Real documents without shipping any: the READMEs of the packages installed beside us, as ProseMirror JSON, each
 * text once, in the order of their paths. Takes as many as there are, up to `most`.
 */
export function readReadmes(nodeModules: string, most: number): readonly Readme[] {
  const seen = new Set<string>();
  const found: Readme[] = [];
  for (const path of markdownFiles(nodeModules)) {
    if (found.length === most) break;
    const text = readFileSync(path, 'utf8');
    if (text.length < 200 || text.length > LONGEST || seen.has(text)) continue;
    seen.add(text);
    found.push({ title: titleOf(text, path), content: defaultMarkdownParser.parse(text)?.toJSON() });
  }
  return found;
}

/**
 * The folder that the packages beside us were installed into: our own, or that of the project we are a part of. The
 * outermost in the path, because some installers keep each package in a folder of its own below it.
 */
export function findNodeModules(): string {
  const entry = createRequire(import.meta.url).resolve('prosemirror-markdown');
  return entry.slice(0, entry.indexOf(`${sep}node_modules${sep}`) + `${sep}node_modules`.length);
}

function* markdownFiles(directory: string): Generator<string> {
  const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* markdownFiles(path);
    else if (entry.isFile() && /^readme\.md$/i.test(entry.name)) yield path;
  }
}

function titleOf(text: string, path: string): string {
  const heading = /^#+\s+(.+)$/m.exec(text)?.[1]?.trim();
  return (heading ?? path.split('/').at(-2) ?? 'Untitled').slice(0, 120);
}
