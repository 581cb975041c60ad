import { expect } from 'vitest';

/** The document on stdout, and that there is nothing else on it. */
export function documentOf({ stdout }: { readonly stdout: string }): unknown {
  expect(stdout.endsWith('\n')).toBe(true);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout);
}

/** What stands there when a command ended with anything but 0, 3 and 4. */
export const ERROR = {
  error: {
    code: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/),
    message: expect.stringMatching(/[.?]$/),
    remedy: expect.any(String),
    details: expect.any(Object),
  },
};
