import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type Finding, type KeyPath, keyName, type Mistake, shorten } from './mistakes.ts';
import { type Environment, substitute } from './substitute.ts';
import { syntaxMistakes, tooDeepAt } from './syntax.ts';

/** The file as plain data, with the place of everything in it. */
export interface ParsedFile {
  readonly data: unknown;
  readonly mistakes: readonly Mistake[];
  /** Whether the data can be judged; after a syntax error it would only show what follows from that. */
  readonly readable: boolean;
  readonly locate: (finding: Finding) => Mistake;
  /** What stands at a path in the file, before variables were substituted, for messages; null when it is no scalar. */
  readonly written: (path: KeyPath) => string | null;
}

/** What is looked up only when a command needs it, and never shown. */
export const SECRET_KEYS: ReadonlySet<string> = new Set([
  'flags.url',
  'flags.admin_token',
  'flags.client_token',
]);

interface Spot {
  readonly key: number;
  readonly value: number;
  readonly written: string | null;
}

interface Reader {
  readonly document: Document;
  readonly env: Environment;
  readonly spots: Map<string, Spot>;
  readonly findings: Finding[];
  readonly open: Set<Node>;
  nodes: number;
}

/** A config is some dozens of values; more than this is an alias that multiplies itself. */
const MOST_NODES = 20_000;

/** Reads YAML 1.2, substitutes variables in text values, and collects what is wrong with either. */
export function parseFile(text: string, env: Environment): ParsedFile {
  const deep = tooDeepAt(text);
  if (deep !== null) return unparsed(text, deep);
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, stringKeys: true, lineCounter: lines });
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const { mistakes, readable } = syntaxMistakes([...document.errors, ...document.warnings], text, place);
  const reader: Reader = { document, env, spots: new Map(), findings: [], open: new Set(), nodes: 0 };
  const data = readable ? read(reader, document.contents, []) : undefined;
  const locate = ({ path, at, problem, remedy }: Finding): Mistake => {
    const spot = nearest(reader.spots, path);
    const exact = spot.depth === path.length;
    const offset = at === 'value' && exact ? spot.value : spot.key;
    return { ...place(offset), key: keyName(path), problem, remedy };
  };
  return {
    data,
    mistakes: [...mistakes, ...reader.findings.map(locate)],
    readable,
    locate,
    written: (path) => reader.spots.get(spotKey(path))?.written ?? null,
  };
}

function unparsed(text: string, offset: number): ParsedFile {
  const before = text.slice(0, offset).split('\n');
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  const problem = 'is nested far deeper than a config';
  const mistake = {
    ...place,
    key: '',
    problem,
    remedy: 'Name a cohorts.yaml with --config, or mend its brackets.',
  };
  return {
    data: undefined,
    mistakes: [mistake],
    readable: false,
    locate: () => mistake,
    written: () => null,
  };
}

const spotKey = (path: KeyPath): string => JSON.stringify(path);

function nearest(spots: ReadonlyMap<string, Spot>, path: KeyPath): Spot & { depth: number } {
  for (let depth = path.length; depth >= 0; depth--) {
    const spot = spots.get(spotKey(path.slice(0, depth)));
    if (spot !== undefined) return { ...spot, depth };
  }
  return { key: 0, value: 0, written: null, depth: 0 };
}

/** An empty key is taken for one left out: that is what commenting out everything below it leaves behind. */
function read(reader: Reader, node: unknown, path: KeyPath, keyOffset?: number): unknown {
  const resolved = isAlias(node) ? node.resolve(reader.document) : (node as Node | null | undefined);
  const offset = (node as Node | null)?.range?.[0] ?? keyOffset ?? 0;
  const written = isScalar(resolved) ? scalarSource(resolved.source, resolved.value) : null;
  reader.spots.set(spotKey(path), { key: keyOffset ?? offset, value: offset, written });
  reader.nodes++;
  if (isAlias(node) && (!resolved || reader.open.has(resolved) || reader.nodes > MOST_NODES)) {
    reader.findings.push(aliasFinding(path, node.source, !resolved));
    return undefined;
  }
  if (isMap(resolved)) return inside(reader, resolved, () => readMap(reader, resolved.items, path));
  if (isSeq(resolved))
    return inside(reader, resolved, () =>
      resolved.items.map((item, index) => read(reader, item, [...path, index]) ?? null),
    );
  return isScalar(resolved) ? readScalar(reader, resolved.value, written ?? '', path) : undefined;
}

function inside<T>(reader: Reader, node: Node, work: () => T): T {
  reader.open.add(node);
  const result = work();
  reader.open.delete(node);
  return result;
}

function readMap(
  reader: Reader,
  items: readonly { key: unknown; value: unknown }[],
  path: KeyPath,
): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (const { key, value } of items) {
    if (!isScalar(key)) continue; // a syntax mistake already: keys are text
    const name = String(key.value);
    const here = [...path, name];
    if (reader.spots.has(spotKey(here))) continue; // a duplicate, reported as such
    const child = read(reader, value, here, key.range?.[0]);
    if (child !== undefined && child !== null)
      Object.defineProperty(map, name, {
        value: child,
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
  return map;
}

function readScalar(reader: Reader, value: unknown, written: string, path: KeyPath): unknown {
  // Ids can be integers beyond what a double holds: keep their digits.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return written;
  if (typeof value !== 'string' || !value.includes('$')) return value;
  const found = substitute(value, reader.env);
  if (found.malformed) reader.findings.push(malformedFinding(path));
  if (SECRET_KEYS.has(keyName(path))) return value;
  for (const variable of found.missing) reader.findings.push(missingFinding(path, variable));
  return found.missing.length > 0 || found.malformed ? UNRESOLVED : found.value;
}

/** Stands for a value that could not be had, and about which nothing more is to be said. */
export const UNRESOLVED: unique symbol = Symbol('unresolved');

const scalarSource = (source: string | undefined, value: unknown): string => source ?? String(value);

const malformedFinding = (path: KeyPath): Finding => ({
  path,
  at: 'value',
  problem: 'holds a ${ that begins no variable',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shown as it is
  remedy: 'Write ${NAME} or ${NAME:-default}, or $${ for the characters themselves.',
});

const missingFinding = (path: KeyPath, variable: string): Finding => ({
  path,
  at: 'value',
  problem: `is taken from the environment variable ${variable}, which is not set or is empty`,
  remedy: `Set ${variable}, or give it a default: \${${variable}:-…}.`,
});

const aliasFinding = (path: KeyPath, name: string, unknown: boolean): Finding => ({
  path,
  at: 'value',
  problem: unknown
    ? `refers to the anchor ${shorten(name)}, which is not defined above it`
    : `refers to the anchor ${shorten(name)}, which leads back to itself or to far too much`,
  remedy: 'Write the value out here.',
});
