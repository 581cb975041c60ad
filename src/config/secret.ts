import { inspect } from 'node:util';
import { UsageError } from '../errors.ts';
import { substitute } from './substitute.ts';

/** A setting that is looked up only when a command needs it, and that cannot be printed by accident. */
export interface Secret {
  /** The key in cohorts.yaml that sets it, for messages. */
  readonly key: string;
  /** @throws UsageError `missing-variable` when an environment variable it is taken from is not set, or is empty. */
  reveal(): string;
  /** Always `[secret]`. */
  toString(): string;
  toJSON(): string;
}

/** `source` is the value as written in the file; its variables are looked up in `env` each time it is revealed. */
export function secret(
  key: string,
  source: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Secret {
  const redacted = (): string => '[secret]';
  const reveal = (): string => {
    const { value, missing } = substitute(source, env);
    if (missing[0] !== undefined) throw missingVariable(key, missing[0]);
    return value;
  };
  const hidden = { enumerable: false };
  return Object.defineProperties({ key } as Secret, {
    reveal: { ...hidden, value: reveal },
    toString: { ...hidden, value: redacted },
    toJSON: { ...hidden, value: redacted },
    [inspect.custom]: { ...hidden, value: redacted },
  });
}

const missingVariable = (key: string, variable: string): UsageError =>
  new UsageError(
    'missing-variable',
    `${key} is taken from the environment variable ${variable}, which is not set or is empty.`,
    `Set ${variable}, or write the value of ${key} in cohorts.yaml another way.`,
    { key, variable },
  );
