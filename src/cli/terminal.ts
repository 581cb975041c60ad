import pc from 'picocolors';
import type { ExitCode } from '../errors.ts';

type Colors = ReturnType<typeof pc.createColors>;

/** What a command answers: data for programs, text for people, and how the process ends. */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
  readonly exit?: ExitCode;
}

/** Where answers go. With `--json` stdout carries one JSON document and everything else goes to stderr. */
export interface Terminal {
  readonly colors: Colors;
  readonly width: number;
  /** Redrawing progress in place makes sense. */
  readonly live: boolean;
  answer(answer: Answer): void;
  /** An answer that replaces the one before it on a live terminal, and follows it elsewhere. */
  redraw(answer: Answer): void;
  /** One line about what happens right now. */
  note(line: string): void;
  /** Replaces the previous progress line on a live terminal; elsewhere a plain line now and then. */
  progress(line: string | null): void;
}

/** Elsewhere than on a terminal, a progress line this often: enough for a CI log to show life. */
const PLAIN_PROGRESS_MS = 5_000;

export function openTerminal(options: { readonly json: boolean; readonly color: boolean }): Terminal {
  const stream = process.stderr;
  const plain = Boolean(process.env.NO_COLOR || process.env.CI);
  const live = Boolean(stream.isTTY) && !plain && !options.json;
  const out = options.json ? stream : process.stdout;
  const colors = pc.createColors(options.color && !plain && Boolean(out.isTTY));
  let drawn = false;
  let lastPlain = 0;

  const clear = (): void => {
    if (drawn) stream.write('\r\u001b[2K');
    drawn = false;
  };
  return {
    colors,
    width: process.stdout.columns ?? 100,
    live,
    answer(answer) {
      clear();
      if (options.json) process.stdout.write(`${JSON.stringify(answer.json)}\n`);
      else if (answer.text) process.stdout.write(`${answer.text}\n`);
    },
    redraw(answer) {
      if (live && process.stdout.isTTY) process.stdout.write('\u001b[H\u001b[2J');
      this.answer(answer);
    },
    note(line) {
      clear();
      stream.write(`${line}\n`);
    },
    progress(line) {
      if (!live) {
        if (line === null || Date.now() - lastPlain < PLAIN_PROGRESS_MS) return;
        lastPlain = Date.now();
        stream.write(`${line}\n`);
        return;
      }
      clear();
      if (line === null) return;
      stream.write(line.slice(0, Math.max(20, (stream.columns ?? 100) - 1)));
      drawn = true;
    },
  };
}
