import pc from 'picocolors';
import type { ExitCode } from '../errors.ts';
import { pasteable } from './pasteable.ts';
import { hanging, widthOf, wrap } from './text.ts';

type Colors = ReturnType<typeof pc.createColors>;

/** What a command answers: data for programs, text for people, and how the process ends. */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
  readonly exit?: ExitCode;
  /** The text holds content of documents, and stays as it is. */
  readonly verbatim?: boolean;
  /** The text is a document's own: on a pipe it is written without a line end of ours, too. */
  readonly isDocument?: boolean;
}

/** Where answers go. With `--json` stdout carries one JSON document and everything else goes to stderr. */
export interface Terminal {
  /** Of what is answered on stdout. */
  readonly colors: Colors;
  /** Columns of stdout; infinite where it is no terminal, so that a line stays a line. */
  readonly width: number;
  /** Redrawing progress in place makes sense. */
  readonly live: boolean;
  /** A text with its commands as they will be answered, for whoever measures it. */
  pasteable(text: string): string;
  answer(answer: Answer): void;
  /** An answer that replaces the one before it on a live terminal, and follows it elsewhere. */
  redraw(answer: Answer): void;
  /** A line or more about what has just been done. */
  note(line: string): void;
  /** What is going on right now: redrawn in place on a live terminal, elsewhere said only of what takes long. */
  progress(line: string | null): void;
  /** Why nothing came of it, and what to do. */
  complain(message: string, remedy: string): void;
}

/** Elsewhere than on a terminal: after this much silence a log shows life, and less and less often while work goes on. */
const SHORTEST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** What is over in a moment is said when it is done. */
const MOMENT_MS = 1_000;

/** What a terminal is opened on: the process, or what a test puts in its place. */
export interface Streams {
  readonly stdout: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;
  readonly stderr: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function openTerminal(
  options: { readonly json: boolean; readonly color: boolean; readonly config?: string | null },
  { stdout, stderr, env }: Streams = process,
): Terminal {
  const { config = null } = options;
  const plain = Boolean(env.NO_COLOR) || isSet(env.CI);
  const live = Boolean(stderr.isTTY) && !plain && !options.json;
  const colorsFor = (stream: Stream): Colors =>
    pc.createColors(options.color && !plain && Boolean(stream.isTTY));
  const colors = colorsFor(options.json ? stderr : stdout);
  const alarm = colorsFor(stderr);
  const lines = live ? livelyLines(stderr) : plainLines(stderr);
  return {
    colors,
    get width() {
      return columnsOf(stdout);
    },
    live,
    pasteable: (text) => pasteable(text, config),
    answer(answer) {
      lines.progress(null);
      if (options.json) stdout.write(`${JSON.stringify(answer.json)}\n`);
      else if (answer.isDocument) stdout.write(stdout.isTTY ? `${answer.text}\n` : answer.text);
      else if (answer.text)
        stdout.write(`${answer.verbatim ? answer.text : pasteable(answer.text, config)}\n`);
    },
    redraw(answer) {
      if (live && stdout.isTTY) stdout.write('\u001b[H\u001b[2J');
      this.answer(answer);
    },
    note(text) {
      for (const line of pasteable(text, config).split('\n')) lines.note(broken(line, columnsOf(stderr)));
    },
    progress: lines.progress,
    complain(message, remedy) {
      const width = columnsOf(stderr);
      lines.note(hanging(`${alarm.red('error')}  `, pasteable(message, config), width));
      if (remedy) lines.note(hanging(`${alarm.dim('do →')}   `, pasteable(remedy, config), width));
    },
  };
}

/** Where there is no terminal a line stays a line. */
const columnsOf = (stream: Stream): number => stream.columns ?? Number.POSITIVE_INFINITY;

/** CI=false is said by people who mean no. */
const isSet = (value: string | undefined): boolean => Boolean(value) && value !== 'false' && value !== '0';

const broken = (line: string, width: number): string =>
  widthOf(line) <= width ? line : wrap(line, width - 2).join('\n  ');

type Stream = Streams['stderr'];
type Lines = Pick<Terminal, 'note' | 'progress'>;

/** On a terminal: one line at the bottom, drawn over and over. */
function livelyLines(stream: Stream): Lines {
  let drawn = false;
  const clear = (): void => {
    if (drawn) stream.write('\r\u001b[2K');
    drawn = false;
  };
  return {
    note(line) {
      clear();
      stream.write(`${line}\n`);
    },
    progress(line) {
      clear();
      if (line === null) return;
      const room = Math.max(20, (stream.columns ?? 100) - 1);
      stream.write(widthOf(line) <= room ? line : `${[...line].slice(0, room - 1).join('')}…`);
      drawn = true;
    },
  };
}

/** Elsewhere: what was done, a line each, and what is going on only when it takes long. */
function plainLines(stream: Stream): Lines {
  let current: { readonly line: string; readonly since: number } | null = null;
  let said = '';
  let saidAt = Date.now();
  let pause = SHORTEST_PAUSE_MS;
  let watched = false;
  const look = (): void => {
    const now = Date.now();
    if (!current || current.line === said || now - current.since < MOMENT_MS || now - saidAt < pause) return;
    said = current.line;
    saidAt = now;
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    stream.write(`${said}\n`);
  };
  return {
    note(line) {
      saidAt = Date.now();
      pause = SHORTEST_PAUSE_MS;
      stream.write(`${line}\n`);
    },
    progress(line) {
      current = line === null ? null : { line, since: current?.since ?? Date.now() };
      if (!watched) setInterval(look, MOMENT_MS).unref();
      watched = true;
    },
  };
}
