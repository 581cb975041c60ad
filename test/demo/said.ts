import type { Readable } from 'node:stream';

/** Waits until a program says this, and gives all it said till then. */
export function said(stream: Readable | null, what: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream?.on('data', (more) => {
      text += more;
      if (what.test(text)) resolve(text);
    });
    stream?.once('close', () => reject(new Error(`It ended without saying ${what}: ${text}`)));
  });
}

/** The address of its Unleash, as the demo names it. */
export const unleashIn = (text: string): string =>
  /Unleash is up at (\S+)\.\n/.exec(text)?.[1] ?? 'no address';

/** Whether a server is there. */
export const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/health`, { signal: AbortSignal.timeout(10_000) }).then(
    () => true,
    () => false,
  );
