import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.ts';

interface Node {
  readonly description?: string;
  readonly default?: unknown;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

const schema = configJsonSchema() as Node;
const written = readFileSync(new URL('../../cohorts.schema.json', import.meta.url), 'utf8');

/** Every property with its path. */
function propertiesOf(node: Node, path = ''): readonly (readonly [string, Node])[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return [
      [here, child] as const,
      ...propertiesOf(child, here),
      ...(child.items ? propertiesOf(child.items, `${here}[]`) : []),
    ];
  });
}

describe('cohorts.schema.json', () => {
  test('is current: `npm run build && node scripts/schema.js` writes it', () => {
    expect(written).toBe(`${JSON.stringify(schema, null, 2)}\n`);
  });

  test('says of every key what it is for', () => {
    const silent = propertiesOf(schema).filter(([, node]) => !node.description);
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  test('requires what the contract requires, and nothing more', () => {
    expect(schema.required).toEqual(['version', 'database', 'documents', 'users', 'flags', 'cohorts']);
    const inside = propertiesOf(schema).filter(([, node]) => node.required);
    expect(inside.map(([path]) => path)).toEqual([]);
    expect(schema.properties?.cohorts?.items?.required).toEqual(['name']);
  });

  test('knows no other keys', () => {
    const open = propertiesOf(schema).filter(
      ([, node]) => node.properties && node.additionalProperties !== false,
    );
    expect([schema.additionalProperties, open.map(([path]) => path)]).toEqual([false, []]);
  });

  test('wants one way to select the users of a cohort', () => {
    const cohort = schema.properties?.cohorts?.items as Node & { oneOf?: readonly Node[] };
    expect(cohort.oneOf?.map((each) => each.required)).toEqual([
      ['users'],
      ['match'],
      ['percent'],
      ['everyone'],
    ]);
  });
});
