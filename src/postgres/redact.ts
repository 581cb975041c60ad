/** The URL with every password in it replaced by ***; what cannot be read as a URL is not repeated at all. */
export function redactUrl(url: string): string {
  const parsed = parse(url);
  if (parsed === undefined) return '(a database URL that cannot be read)';
  if (parsed.password !== '') parsed.password = '***';
  for (const name of [...parsed.searchParams.keys()]) {
    if (/pass/i.test(name)) parsed.searchParams.set(name, '***');
  }
  return parsed.href;
}

/** For a sentence: `The database app at db.example:5432`, or without a readable URL `The database`. */
export function databaseOf(url: string | undefined): string {
  const parsed = url === undefined ? undefined : parse(url);
  if (parsed === undefined) return 'The database';
  const host = parsed.hostname || parsed.searchParams.get('host') || 'localhost';
  const name = decoded(parsed.pathname.replace(/^\//, ''));
  return `The database${name === '' ? '' : ` ${name}`} at ${host}:${parsed.port || '5432'}`;
}

/** Whatever a library may have put into its message, the secrets of the URL are taken out again. */
export function withoutSecrets(text: string, url: string | undefined): string {
  const parsed = url === undefined ? undefined : parse(url);
  if (parsed === undefined || url === undefined) return text;
  const named = [...parsed.searchParams].filter(([name]) => /pass/i.test(name)).map(([, value]) => value);
  return [url, parsed.password, decoded(parsed.password), ...named]
    .filter((secret) => secret !== '')
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** Percent signs resolved, or as it is where they make no sense. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
