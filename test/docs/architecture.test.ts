import { readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stageDiagram } from '../../src/core/stage-diagram.ts';
import { blocksIn, firstColumn, pathOf, read, sectionOf } from './pages.ts';

const PAGE = 'docs/architecture.md';
const SRC = pathOf('src');

const rooms = readdirSync(SRC, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

/** What `api`, `store` and `errors` stand for in the diagram: the files beside the rooms. */
const FILES: Readonly<Record<string, string>> = {
  'controller.ts': 'api',
  'index.ts': 'store',
  'errors.ts': 'errors',
};

function nodeOf(path: string): string {
  const [first = '', ...rest] = relative(SRC, path).split(sep);
  return rest.length > 0 ? first : (FILES[first] ?? first);
}

/** `from → to` for every import between two rooms, with a file that makes it. */
function importsBetweenRooms(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const file = join(SRC, name);
    for (const [, target = ''] of read(join('src', name)).matchAll(/(?:\bfrom |\bimport\()'(\.[^']+)'/g)) {
      const [from, to] = [nodeOf(file), nodeOf(join(dirname(file), target))];
      if (from !== to) found.set(`${from} → ${to}`, `src/${name}`);
    }
  }
  return found;
}

const drawn = [...(blocksIn(read(PAGE), 'mermaid')[0] ?? '').matchAll(/^ {2}(\S+) --> (\S+)$/gm)].map(
  ([, from = '', to = '']) => [from, to] as const,
);

function isReachable(from: string, to: string, without?: string): boolean {
  return drawn.some(
    ([a, b]) => a === from && `${a} → ${b}` !== without && (b === to || isReachable(b, to, without)),
  );
}

describe('docs/architecture.md', () => {
  it('shows the stages as the transition table has them', () => {
    const [, shown] = /<!-- stages -->\n```mermaid\n(.*?)\n```\n<!-- \/stages -->/s.exec(read(PAGE)) ?? [];
    expect(shown).toBe(stageDiagram());
  });

  it('names every room of src and nothing else', () => {
    expect([...firstColumn(sectionOf(PAGE, '## Rooms'))].sort()).toEqual(rooms);
  });

  it('draws every import between two rooms, directly or through others', () => {
    const undrawn = [...importsBetweenRooms()].filter(([arrow]) => {
      const [from = '', to = ''] = arrow.split(' → ');
      return !isReachable(from, to);
    });
    expect(undrawn).toEqual([]);
  });

  it('draws no arrow that no import makes, and none that others already say', () => {
    const made = importsBetweenRooms();
    const idle = drawn.map(([from, to]) => `${from} → ${to}`).filter((arrow) => !made.has(arrow));
    const said = drawn.filter(([from, to]) => isReachable(from, to, `${from} → ${to}`));
    expect({ idle, said }).toEqual({ idle: [], said: [] });
  });

  it('is held by the linter: each room has an override that restricts its imports', () => {
    const { overrides } = JSON.parse(read('biome.json')) as {
      overrides: { includes: string[]; linter?: { rules?: { style?: { noRestrictedImports?: unknown } } } }[];
    };
    const restricted = overrides
      .filter((each) => each.linter?.rules?.style?.noRestrictedImports !== undefined)
      .flatMap((each) => each.includes);
    expect([...restricted].sort()).toEqual(rooms.map((room) => `src/${room}/**`));
  });

  it('leads to every decision, numbered without a gap', () => {
    const files = readdirSync(pathOf('docs/decisions')).sort();
    expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, index) => index + 1));
    const linked = [...sectionOf(PAGE, '## Decisions').matchAll(/^(\d+)\. \[(.+?)\]\(decisions\/(.+?)\)$/gm)];
    expect(linked.map(([, number, title, file]) => ({ file, heading: `# ${number}. ${title}` }))).toEqual(
      files.map((file) => ({ file, heading: read(`docs/decisions/${file}`).split('\n')[0] })),
    );
  });
});
