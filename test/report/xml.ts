/** An element with its attributes, and what is in it; text between elements is left out. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
}

/**
 * Reads an XML document without a DTD, the way a strict parser does: everything that is not well-formed (characters outside
 * of XML 1.0, a bare `&` or `<`, an unclosed or crossed tag, an attribute twice) is refused.
 */
export function parseXml(text: string): Element {
  for (const character of text)
    if (!isAllowed(character.codePointAt(0) ?? 0)) throw new Error(`${JSON.stringify(character)} is not XML`);
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found;
  };
  const fail = (what: string): never => {
    throw new Error(`${what} at ${at}: ${text.slice(at, at + 40)}`);
  };

  const element = (): Element => {
    const [, name = ''] = take(/<([A-Za-z_][\w.-]*)/y) ?? fail('no element');
    const attributes: Record<string, string> = {};
    for (let found = take(ATTRIBUTE); found; found = take(ATTRIBUTE)) {
      const [, key = '', value = ''] = found;
      if (key in attributes) fail(`attribute ${key} twice`);
      attributes[key] = unescaped(value);
    }
    if (take(/\s*\/>/y)) return { name, attributes, children: [] };
    if (!take(/\s*>/y)) fail(`element ${name} is not closed`);
    const children: Element[] = [];
    while (true) {
      const [between = ''] = take(/[^<]*/y) ?? [];
      unescaped(between);
      if (take(/<\/([A-Za-z_][\w.-]*)\s*>/y)) break;
      children.push(element());
    }
    if (!text.slice(0, at).trimEnd().endsWith(`</${name}>`)) fail(`${name} is crossed`);
    return { name, attributes, children };
  };

  if (!take(/<\?xml version="1\.0" encoding="UTF-8"\?>\s*/y)) fail('no declaration');
  const root = element();
  take(/\s*/y);
  if (at !== text.length) fail('something after the root');
  return root;
}

/** https://www.w3.org/TR/xml/#charsets */
const isAllowed = (code: number): boolean =>
  [0x9, 0xa, 0xd].includes(code) ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  code >= 0x10000;

const ATTRIBUTE = /\s+([A-Za-z_][\w.-]*)="([^"<]*)"/y;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Line ends and tabs in an attribute are read as spaces, unless they are written as references. */
const unescaped = (text: string): string =>
  text.replace(/[\t\n\r]/g, ' ').replace(/&([^;]*;?)/g, (_, reference: string) => {
    const [, decimal] = /^#(\d+);$/.exec(reference) ?? [];
    if (decimal) return String.fromCodePoint(Number(decimal));
    const known = reference.endsWith(';') ? NAMED[reference.slice(0, -1)] : undefined;
    if (known === undefined) throw new Error(`a bare & before ${reference}`);
    return known;
  });
