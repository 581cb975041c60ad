import { describeTwoServers } from './two-servers/describe.ts';

describeTwoServers(200);
