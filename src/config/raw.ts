import type { KeyPath } from './mistakes.ts';

/** What stands at a path of data of any shape; undefined where nothing does. */
export function valueAt(data: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined,
    data,
  );
}

export const isRecord = (data: unknown): data is Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

/** The list, or nothing where there is something else: that has been reported as such. */
export const list = (data: unknown): readonly unknown[] => (Array.isArray(data) ? data : []);
export const record = (data: unknown): Readonly<Record<string, unknown>> => (isRecord(data) ? data : {});

/** The lists of values by which a cohort selects users, each with its path inside the cohort. */
export function selectionsOf(
  cohort: unknown,
): readonly { readonly path: readonly string[]; readonly values: readonly unknown[] }[] {
  const match = record(valueAt(cohort, ['match']));
  return [
    { path: ['users'], values: list(valueAt(cohort, ['users'])) },
    ...Object.keys(match).map((attribute) => ({
      path: ['match', attribute],
      values: list(match[attribute]),
    })),
  ].filter(({ values }) => values.length > 0);
}
