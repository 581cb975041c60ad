import { align, type Match } from './align.ts';
import type { Json, JsonObject } from './json.ts';
import { type Formats, NO_FORMATS, type Run } from './runs.ts';
import { createInterner, tokenise } from './tokens.ts';

/** One step of a change to a Y.Text, as `applyDelta` takes it. */
export type TextStep =
  | { readonly retain: number; readonly attributes?: Record<string, Json> }
  | { readonly delete: number }
  | { readonly insert: string | JsonObject; readonly attributes: Record<string, Json> };

/**
 * The steps that turn one text into another: whole words and single embeds are kept, deleted and inserted, and kept
 * ones change those formats only that differ. Nothing to do is no steps.
 */
export function diffRuns(before: readonly Run[], after: readonly Run[]): readonly TextStep[] {
  const intern = createInterner();
  const one = split(before, intern);
  const two = split(after, intern);
  const writer = new StepWriter(before, after);
  for (const match of [...align(one.tokens, two.tokens), endOf(one, two)]) {
    writer.replace((one.starts[match.a] ?? 0) - writer.oldAt, (two.starts[match.b] ?? 0) - writer.newAt);
    writer.keep((one.starts[match.a + match.length] ?? 0) - writer.oldAt);
  }
  return writer.steps();
}

interface Split {
  readonly tokens: number[];
  /** Where each token starts, in UTF-16 units (an embed is one), and where the last one ends. */
  readonly starts: number[];
}

/** Words may go on across a change of formats, so it is the text between two embeds that is cut into words. */
function split(runs: readonly Run[], intern: (key: string) => number): Split {
  const tokens: number[] = [];
  const starts = [0];
  let at = 0;
  const push = (key: string, size: number) => {
    tokens.push(intern(key));
    at += size;
    starts.push(at);
  };
  let text = '';
  const flush = () => {
    for (const token of tokenise(text)) push(`t${token}`, token.length);
    text = '';
  };
  for (const { insert } of runs) {
    if (typeof insert === 'string') {
      text += insert;
      continue;
    }
    flush();
    push(`e${JSON.stringify(insert)}`, 1);
  }
  flush();
  return { tokens, starts };
}

function endOf(one: Split, two: Split): Match {
  return { a: one.tokens.length, b: two.tokens.length, length: 0 };
}

/** Walks both texts side by side and collects the steps, split where either changes its formats. */
class StepWriter {
  readonly #old: RunCursor;
  readonly #new: RunCursor;
  readonly #steps: TextStep[] = [];

  constructor(before: readonly Run[], after: readonly Run[]) {
    this.#old = new RunCursor(before);
    this.#new = new RunCursor(after);
  }

  get oldAt(): number {
    return this.#old.at;
  }

  get newAt(): number {
    return this.#new.at;
  }

  replace(oldLength: number, newLength: number): void {
    if (oldLength > 0) {
      this.#old.skip(oldLength);
      this.#steps.push({ delete: oldLength });
    }
    for (const run of this.#new.take(newLength)) {
      this.#steps.push({ insert: run.insert, attributes: valuesOf(run.formats, NO_FORMATS) });
    }
  }

  keep(length: number): void {
    for (let rest = length; rest > 0; ) {
      const step = Math.min(rest, this.#old.left, this.#new.left);
      const attributes = valuesOf(this.#new.formats, this.#old.formats);
      const last = this.#steps.at(-1);
      if (Object.keys(attributes).length > 0) this.#steps.push({ retain: step, attributes });
      else if (last !== undefined && 'retain' in last && last.attributes === undefined) {
        this.#steps[this.#steps.length - 1] = { retain: last.retain + step };
      } else this.#steps.push({ retain: step });
      this.#old.skip(step);
      this.#new.skip(step);
      rest -= step;
    }
  }

  steps(): readonly TextStep[] {
    const last = this.#steps.at(-1);
    if (last !== undefined && 'retain' in last && last.attributes === undefined) this.#steps.pop();
    return this.#steps;
  }
}

/** A place in a list of runs, in UTF-16 units. */
class RunCursor {
  readonly #runs: readonly Run[];
  #index = 0;
  #offset = 0;
  at = 0;

  constructor(runs: readonly Run[]) {
    this.#runs = runs;
  }

  /** What is left of the run at the cursor. */
  get left(): number {
    const run = this.#runs[this.#index];
    return run === undefined ? 0 : sizeOf(run) - this.#offset;
  }

  get formats(): Formats {
    return this.#runs[this.#index]?.formats ?? NO_FORMATS;
  }

  skip(length: number): void {
    this.at += length;
    for (let rest = length; rest > 0; ) {
      const step = Math.min(rest, this.left);
      this.#offset += step;
      rest -= step;
      if (this.left > 0) continue;
      this.#index++;
      this.#offset = 0;
    }
  }

  take(length: number): readonly Run[] {
    const taken: Run[] = [];
    for (let rest = length; rest > 0; ) {
      const run = this.#runs[this.#index] ?? { insert: '', formats: NO_FORMATS };
      const step = Math.min(rest, this.left);
      const { insert, formats } = run;
      taken.push({
        insert: typeof insert === 'string' ? insert.slice(this.#offset, this.#offset + step) : insert,
        formats,
      });
      this.skip(step);
      rest -= step;
    }
    return taken;
  }
}

function sizeOf(run: Run): number {
  return typeof run.insert === 'string' ? run.insert.length : 1;
}

/** The formats to set, as values; `null` for those to take away. */
function valuesOf(to: Formats, from: Formats): Record<string, Json> {
  const values: Record<string, Json> = {};
  for (const name of from.keys()) if (!to.has(name)) values[name] = null;
  for (const [name, json] of to) if (from.get(name) !== json) values[name] = JSON.parse(json) as Json;
  return values;
}
