import { describeTwoServers } from './two-servers/describe.ts';

describeTwoServers(Array.from({ length: 200 }, (_, index) => index + 1));
