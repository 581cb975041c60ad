import { configJsonSchema } from './json-schema.ts';
import { type Finding, type KeyPath, keyName } from './mistakes.ts';

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

/** An unknown key, with the known one that was probably meant, or where it belongs. */
export function unknownKey(parent: KeyPath, key: string): Finding & { readonly meant: KeyPath | null } {
  const root = configJsonSchema() as SchemaNode;
  const known = Object.keys(nodeAt(root, parent)?.properties ?? {});
  const meant = nearestWord(key, known);
  return {
    path: [...parent, key],
    at: 'key',
    problem: 'is an unknown key',
    remedy: meant === null ? elsewhere(root, key, known) : `Did you mean ${meant}?`,
    meant: meant === null ? null : [...parent, meant],
  };
}

function elsewhere(root: SchemaNode, key: string, known: readonly string[]): string {
  if (key === '<<') return 'Write the keys out: merging another map is not supported.';
  const homes = parentsOf(root, plain(key)).map((path) => keyName(path) || 'the top level');
  if (homes.length > 0) return `It belongs in ${homes.join(' or ')}.`;
  return `Known here: ${known.join(', ')}.`;
}

function nodeAt(root: SchemaNode, path: KeyPath): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>(
    (node, step) => (typeof step === 'number' ? node?.items : node?.properties?.[step]),
    root,
  );
}

/** Every object of the schema that has the key; what is inside a cohort is named only when nothing else is. */
function parentsOf(root: SchemaNode, key: string): readonly KeyPath[] {
  const found: KeyPath[] = [];
  const walk = (node: SchemaNode, path: KeyPath): void => {
    for (const [name, child] of Object.entries(node.properties ?? {})) {
      if (plain(name) === key) found.push(path);
      walk(child, [...path, name]);
      if (child.items) walk(child.items, [...path, name, 0]);
    }
  };
  walk(root, []);
  const outside = found.filter((path) => path[0] !== 'cohorts');
  return outside.length > 0 ? outside : found.map((path) => path.filter((step) => step !== 0));
}

/** `minObservations` and `min-observations` are `min_observations`. */
const plain = (word: string): string => word.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** The known word closest to `word`, if it is close enough to be what was meant. */
export function nearestWord(word: string, known: readonly string[]): string | null {
  const distances = known.map((candidate) => ({
    candidate,
    distance: editDistance(plain(word.slice(0, 64)), plain(candidate)),
  }));
  const best = distances.sort((a, b) => a.distance - b.distance)[0];
  if (best === undefined) return null;
  return best.distance <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : null;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
