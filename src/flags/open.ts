import { resolve } from 'node:path';
import type { FlagsConfig } from '../config/config.ts';
import { isContextField } from '../core/flag-plan.ts';
import { UsageError } from '../errors.ts';
import { fileFlags } from './file-flags.ts';
import type { FlagPort } from './port.ts';
import { redactor } from './redact.ts';
import { unleashFlags } from './unleash-flags.ts';
import { unleashCall } from './unleash-http.ts';
import { checkClientToken, headerToken, unleashOrigin } from './unleash-url.ts';

/** Unleash answers in milliseconds; when its database is gone its admin calls hang for a minute. */
const TIMEOUT_MS = 10_000;

/**
 * The flags of a config. Contacts nobody, and looks up a token at the first call that needs it: the admin token to
 * observe or write, the client token to evaluate.
 * @throws UsageError for an unusable address or missing path, at the first call.
 */
export function openFlags(
  config: FlagsConfig,
  options: { readonly baseFolder?: string; readonly timeoutMs?: number } = {},
): FlagPort {
  return checkingFields(
    config.provider === 'file' ? openFile(config, options) : openUnleash(config, options),
  );
}

function openFile(config: FlagsConfig, { baseFolder = '.' }: { readonly baseFolder?: string }): FlagPort {
  return fileFlags({ path: resolve(baseFolder, config.path ?? 'flags.json'), flags: namesOf(config) });
}

function openUnleash(
  config: FlagsConfig,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number },
): FlagPort {
  const redact = redactor();
  const origin = (): string => unleashOrigin(config.url.reveal());
  const adminToken = (): string => redact.learn(headerToken('admin_token', config.adminToken.reveal()));
  const clientToken = (): string =>
    redact.learn(
      checkClientToken(headerToken('client_token', config.clientToken.reveal()), config.environment),
    );
  const call = { origin, redact, timeoutMs };
  return unleashFlags({
    origin,
    project: config.project,
    environment: config.environment,
    flags: namesOf(config),
    admin: unleashCall({ ...call, token: adminToken, tokenKey: 'admin_token' }),
    client: unleashCall({ ...call, token: clientToken, tokenKey: 'client_token' }),
    clientToken,
    redact,
    timeoutMs,
  });
}

function namesOf(config: FlagsConfig): { readonly dual_write: string; readonly default: string } {
  return { dual_write: config.dualWrite, default: config.default };
}

function checkingFields(port: FlagPort): FlagPort {
  return {
    ...port,
    async prepare(contextFields) {
      const unusable = contextFields.find((name) => !isContextField(name));
      if (unusable !== undefined)
        throw new UsageError(
          'flag-context-field',
          `The attribute "${unusable}" cannot be a flag context field: the flag SDK keeps that name for itself or cannot carry it.`,
          'Give it another name under users.attributes: letters, digits, "_", "-", "." and "~".',
          { field: unusable },
        );
      await port.prepare(contextFields);
    },
  };
}
