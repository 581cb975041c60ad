import type * as Y from 'yjs';
import { canonicalValue, type Json, type JsonObject } from './json.ts';
import { type Formats, markTypeOf, NO_FORMATS, type Run } from './runs.ts';
import { diffRuns } from './text-diff.ts';

/** What a Y.Text holds, with its formats under the names they have there. */
export function runsIn(text: Y.Text): readonly Run[] {
  const ops = text.toDelta() as readonly { insert: string | JsonObject; attributes?: JsonObject }[];
  return ops.map(({ insert, attributes }) => ({
    insert: typeof insert === 'string' ? insert : (canonicalValue(insert, new Set()) as JsonObject),
    formats: attributes === undefined ? NO_FORMATS : formatsIn(attributes),
  }));
}

/** Turns what a Y.Text holds into these runs, inside the caller's transaction, touching only what differs. */
export function changeRuns(text: Y.Text, after: readonly Run[], before = runsIn(text)): void {
  const steps = diffRuns(before, after);
  if (steps.length > 0) text.applyDelta([...steps]);
}

/** The names under which the runs hold marks, by the mark's canonical JSON. */
export function namesOfMarks(runs: readonly Run[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { formats } of runs) {
    for (const [name, json] of formats) {
      const type = JSON.stringify(markTypeOf(name));
      names.set(json === '{}' ? `{"type":${type}}` : `{"attrs":${json},"type":${type}}`, name);
    }
  }
  return names;
}

function formatsIn(attributes: Readonly<Record<string, Json>>): Formats {
  return new Map(
    Object.entries(attributes).map(([name, value]) => [
      name,
      JSON.stringify(canonicalValue(value, new Set())),
    ]),
  );
}
