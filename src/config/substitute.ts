export type Environment = Readonly<Record<string, string | undefined>>;

interface Substituted {
  readonly value: string;
  /** Variables without a default that are not set. An empty one counts as not set: so CI hands over an unknown secret. */
  readonly missing: readonly string[];
  /** A `${` that is not `${NAME}` or `${NAME:-default}`. */
  readonly malformed: boolean;
}

// A default ends at the first `}` and holds no variable of its own.
const TOKEN = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*?))?\}|\$\{/g;

/** Replaces `${NAME}` and `${NAME:-default}` from `env`, and `$$` by a dollar. A dollar alone stays. */
export function substitute(source: string, env: Environment): Substituted {
  const missing: string[] = [];
  let malformed = false;
  const value = source.replace(TOKEN, (token, name: string | undefined, fallback: string | undefined) => {
    if (token === '$$') return '$';
    if (name === undefined || fallback?.includes('${')) {
      malformed = true;
      return token;
    }
    const found = env[name] || fallback;
    if (found === undefined) missing.push(name);
    return found ?? '';
  });
  return { value, missing, malformed };
}
