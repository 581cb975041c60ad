import { describeTwoServers } from './two-servers/describe.ts';

// Always the same, so that a failure is news; `npm run test:seeds` looks at others.
describeTwoServers([333_970, 333_972]);
