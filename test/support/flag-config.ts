import type { FlagsConfig } from '../../src/config/config.ts';
import { secret } from '../../src/config/secret.ts';

export const ADMIN_TOKEN = '*:*.adminsecret-7f3a';
export const CLIENT_TOKEN = 'default:production.clientsecret-91bd';

/** The `flags` part of a config, as the config reader would hand it over. */
export function flagConfig(
  more: {
    provider?: 'unleash' | 'file';
    path?: string;
    url?: string;
    adminToken?: string;
    clientToken?: string;
    project?: string;
    environment?: string;
    prefix?: string;
  } = {},
): FlagsConfig {
  const prefix = more.prefix ?? 'local-first';
  return {
    provider: more.provider ?? 'unleash',
    path: more.path ?? null,
    url: secret('flags.url', more.url ?? 'http://127.0.0.1:9'),
    adminToken: secret('flags.admin_token', more.adminToken ?? ADMIN_TOKEN),
    clientToken: secret('flags.client_token', more.clientToken ?? CLIENT_TOKEN),
    project: more.project ?? 'default',
    environment: more.environment ?? 'production',
    dualWrite: `${prefix}.dual-write`,
    default: `${prefix}.default`,
  };
}
