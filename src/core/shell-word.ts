/**
 * A text as one word of a POSIX shell, quoted only where it has to be: what a message tells to run can be pasted. Control
 * characters, which a terminal would obey, are left to `printf`.
 */
export function shellWord(text: string): string {
  if (/^[\p{L}\p{N}_@%+=:,./-]+$/u.test(text)) return text;
  if (!CONTROL.test(text)) return quoted(text);
  return `"$(printf %b ${quoted(text.replaceAll('\\', '\\\\').replace(new RegExp(CONTROL, 'gu'), escaped))})"`;
}

/** But for the end of a line. */
const CONTROL = /(?!\n)\p{Cc}/u;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const escaped = (control: string): string =>
  [...new TextEncoder().encode(control)].map((byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
