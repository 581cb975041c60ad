import type { ClientFacts } from './server-types.ts';

/** Who pushes, in the words of the document store. */
export interface Device {
  readonly deviceId: string;
  readonly epoch?: string;
}

/**
 * The server itself, and every client that names no device. It is one name for all of them: a client id of Yjs belongs to
 * the first device that wrote under it, so a name of the connection would make a client that comes back a stranger to its
 * own text.
 */
export const UNNAMED: Device = { deviceId: 'hocuspocus' };

/** The device of a client: what the application knows of it, else what the client says, else the name for all others. */
export function deviceOf({ context, requestParameters }: ClientFacts): Device {
  const said = (name: 'deviceId' | 'epoch'): string | null => {
    const known = (context as Readonly<Record<string, unknown>> | null | undefined)?.[name];
    return (typeof known === 'string' ? known : requestParameters.get(name)) || null;
  };
  const [deviceId, epoch] = [said('deviceId'), said('epoch')];
  if (deviceId === null) return UNNAMED;
  return { deviceId, ...(epoch === null ? {} : { epoch }) };
}
