import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const pathOf = (path: string): string => `${ROOT}${path}`;
export const read = (path: string): string => readFileSync(pathOf(path), 'utf8');

/** Every page that a reader is led to, by its path from the top. */
export const PAGES: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync(pathOf('docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
];

/** The text under a heading, up to the next one of its level or a higher one. */
export function sectionOf(page: string, heading: string): string {
  const lines = read(page).split('\n');
  const from = lines.indexOf(heading);
  if (from === -1) throw new Error(`${page} has no heading "${heading}"`);
  const level = heading.indexOf(' ');
  const after = lines.slice(from + 1);
  const to = after.findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return after.slice(0, to === -1 ? undefined : to).join('\n');
}

/** The rows of the first table in a text, each as its cells without code marks; the head is left out. */
export function tableIn(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.startsWith('|'));
  const after = lines.slice(from);
  const to = after.findIndex((line) => !line.startsWith('|'));
  return after.slice(2, to === -1 ? undefined : to).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

export const firstColumn = (text: string): readonly string[] => tableIn(text).map(([cell = '']) => cell);

/** What stands in fences and between back-ticks, a line each. */
export function codeIn(text: string): readonly string[] {
  const fenced = [...text.matchAll(/^```\w*\n(.*?)^```/gms)].flatMap(([, body = '']) => body.split('\n'));
  const prose = text.replace(/^```\w*\n.*?^```/gms, '');
  return [...fenced, ...[...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replace(/\s+/g, ' '))];
}

/** A fenced block of a language, in order. */
export const blocksIn = (text: string, language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, body = '']) => body);
