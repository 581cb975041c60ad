import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from '../core/duration.ts';
import { parseTableName } from '../postgres/identifiers.ts';

/**
 * What a value in cohorts.yaml can be. The error of each is its remedy, an imperative sentence; what is wrong with the
 * value at hand is said by whoever reports it.
 */

const LONGEST_IDENTIFIER = 63; // bytes; Postgres cuts a longer name short without saying so
const MOST_VALUES = 250; // of one constraint, in Unleash
const LONGEST_FLAG_NAME = 100;

/** Text that Postgres can hold and a flag context can carry: no U+0000, no half of a surrogate pair. */
const isStorable = (text: string): boolean => !text.includes('\0') && !/\p{Cs}/u.test(text);

export const text = (remedy: string, max = Number.POSITIVE_INFINITY) =>
  z
    .string({ error: remedy })
    .min(1, { error: remedy })
    .refine((value) => isStorable(value) && Buffer.byteLength(value) <= max, { error: remedy });

export const column = () =>
  text(`Write the name of one column, at most ${LONGEST_IDENTIFIER} bytes long.`, LONGEST_IDENTIFIER);

const TABLE_REMEDY = `Write a table or schema.table, each at most ${LONGEST_IDENTIFIER} bytes; put double quotes around a part that holds a dot or a space.`;
export const table = () => text(TABLE_REMEDY).refine(isTableName, { error: TABLE_REMEDY });

function isTableName(name: string): boolean {
  try {
    const { schema, table } = parseTableName(name);
    return [schema, table].every((part) => Buffer.byteLength(part) <= LONGEST_IDENTIFIER);
  } catch {
    return false;
  }
}

const DURATION_REMEDY =
  'Write one number and one unit (ms, s, m, h, d or w), such as 30s, 72h or 7d; ten years at most.';
export const duration = (options: { positive?: boolean } = {}) => {
  const remedy = options.positive ? `${DURATION_REMEDY} It has to be more than 0.` : DURATION_REMEDY;
  return z
    .string({ error: remedy })
    .regex(DURATION_PATTERN, { error: remedy })
    .refine((value) => parseDuration(value) !== null && !(options.positive && parseDuration(value) === 0), {
      error: remedy,
    });
};

export const whole = (min: number, max: number, remedy: string) =>
  z.int({ error: remedy }).min(min, { error: remedy }).max(max, { error: remedy });
export const count = () => whole(0, 1_000_000_000, 'Write a whole number, 0 or more.');

export const RATE_REMEDY = 'Write a fraction from 0 to 1, such as 0.001 for one in a thousand.';
export const CONFIDENCE_REMEDY = 'Write a fraction from 0.5 to 0.999999, such as 0.95.';

export const choice = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, {
    error: `Write ${values.slice(0, -1).join(', ')}${values.length > 1 ? ' or ' : ''}${values.at(-1)}.`,
  });

/** An object whose keys are all optional, and which may itself be left out. */
export const section = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape, { error: KEYS_REMEDY });
export const KEYS_REMEDY = 'Write keys and values below it.';

export const VALUE_REMEDY =
  'Write text without spaces around it; put quotes around anything but plain text and whole numbers.';
/** Unleash trims the values of a constraint and drops empty ones, so such a value could never match. */
const selected = () =>
  z.union([text(VALUE_REMEDY).refine((value) => value === value.trim(), { error: VALUE_REMEDY }), z.int()], {
    error: VALUE_REMEDY,
  });
export const selection = (what: string, instead: string) => {
  const most = `Unleash takes at most ${MOST_VALUES} values: ${instead}.`;
  return z
    .array(selected(), { error: `Write a list, such as [${what}].` })
    .min(1, { error: `Name at least one, such as [${what}].` })
    .max(MOST_VALUES, { error: most });
};

const FLAG_NAME_REMEDY = `Write letters, digits and - _ . ~ only, at most ${LONGEST_FLAG_NAME}: Unleash takes no other flag names.`;
export const flagName = () =>
  z
    .string({ error: FLAG_NAME_REMEDY })
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,100}$/, { error: FLAG_NAME_REMEDY });
