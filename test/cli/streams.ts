import { main } from '../../src/cli/main.ts';
import { openTerminal, type Streams, type Terminal } from '../../src/cli/terminal.ts';
import { widthOf } from '../../src/cli/text.ts';

export interface Screen {
  readonly terminal: Terminal;
  readonly streams: Streams;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** A terminal of so many columns, or with null a pipe, that keeps what was written to it. */
export function screenOf(
  columns: number | null,
  options: { json?: boolean; color?: boolean; env?: Streams['env'] } = {},
): Screen {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written): Streams['stdout'] => ({
    write(text: string | Uint8Array) {
      written[name] += String(text);
      return true;
    },
    isTTY: columns !== null,
    // Node leaves it out where there is no terminal, whatever the types say.
    columns: columns as number,
  });
  const { json = false, color = true, env = {} } = options;
  const streams = { stdout: stream('stdout'), stderr: stream('stderr'), env };
  return {
    terminal: openTerminal({ json, color }, streams),
    streams,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
  };
}

/** The widest line, in columns; colours take none. */
export const widest = (text: string): number => Math.max(...text.split('\n').map(widthOf));

/** Runs a command line in this process, its output in a pipe. */
export async function runHere(
  argv: readonly string[],
): Promise<{ readonly exit: number; readonly stdout: string; readonly stderr: string }> {
  const { streams, stdout, stderr } = screenOf(null);
  const exit = await main(argv, streams);
  return { exit, stdout: stdout(), stderr: stderr() };
}
