import type { Json, JsonObject } from '../json.ts';
import type { Shell } from './flat.ts';
import type { MergeReason } from './merge.ts';

/** Told of what a merge meets. */
export type Note = (reason: MergeReason) => void;

/** A value that each side may have set: the change wins over what was; of two changes ours does, which is a clash. */
export function mergeValue<T>(
  base: T,
  ours: T,
  theirs: T,
  same: (one: T, two: T) => boolean,
  clash: () => void,
): T {
  if (same(ours, base) || same(ours, theirs)) return theirs;
  if (!same(theirs, base)) clash();
  return ours;
}

export function mergeObjects(base: JsonObject, ours: JsonObject, theirs: JsonObject, note: Note): JsonObject {
  if (sameJson(ours, base) || sameJson(ours, theirs)) return theirs;
  if (sameJson(theirs, base)) return ours;
  const merged: Record<string, Json> = {};
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const value = mergeValue(base[key], ours[key], theirs[key], sameJson, () => note('attribute-clash'));
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

/** A type and its attributes go together: where the types clash, one side's attributes come with its type. */
export function mergeShells(base: Shell, ours: Shell, theirs: Shell, note: Note): Shell {
  if (sameShell(ours, base) || sameShell(ours, theirs)) return theirs;
  if (sameShell(theirs, base)) return ours;
  if (ours.type !== base.type && theirs.type !== base.type && ours.type !== theirs.type) {
    note('type-clash');
    return ours;
  }
  return {
    type: ours.type === base.type ? theirs.type : ours.type,
    attrs: mergeObjects(base.attrs, ours.attrs, theirs.attrs, note),
    extra: mergeObjects(base.extra, ours.extra, theirs.extra, note),
  };
}

export function sameShell(one: Shell, two: Shell): boolean {
  return (
    one === two || (one.type === two.type && sameJson(one.attrs, two.attrs) && sameJson(one.extra, two.extra))
  );
}

/** Canonical values are equal if and only if their texts are. */
export function sameJson(one: Json | undefined, two: Json | undefined): boolean {
  return one === two || JSON.stringify(one) === JSON.stringify(two);
}
