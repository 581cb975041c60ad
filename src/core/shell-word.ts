/** A text as one word of a POSIX shell, quoted only where it has to be: what a message tells to run can be pasted. */
export const shellWord = (text: string): string =>
  /^[\p{L}\p{N}_@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
