import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** What happens to the requests that `when` picks, `times` over (for ever if left out), and then no more. */
export interface Fault {
  readonly kind: 'status' | 'slow' | 'hang' | 'reset-before' | 'reset-after';
  readonly when?: (seen: SeenRequest) => boolean;
  readonly times?: number;
  readonly status?: number;
  /** `$token` in it becomes the token that the request bore. */
  readonly body?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
}

export interface FaultProxy {
  readonly url: string;
  /** What has passed since the last `heal`. */
  readonly seen: readonly SeenRequest[];
  fail(fault: Fault): void;
  heal(): void;
  close(): Promise<void>;
}

/** A real HTTP proxy before a real server, on 127.0.0.1, that can fail in the ways a network and a server do. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let fault: Fault | null = null;
  let left = 0;
  const seen: SeenRequest[] = [];

  const faultFor = (request: SeenRequest): Fault | null => {
    if (fault === null || left === 0 || fault.when?.(request) === false) return null;
    left -= 1;
    return fault;
  };

  const server = createServer(async (request, response) => {
    const one = { method: request.method ?? '', path: request.url ?? '' };
    seen.push(one);
    const now = faultFor(one);
    if (now?.kind === 'hang') return;
    if (now?.kind === 'reset-before') {
      request.socket.destroy();
      return;
    }
    const body = await buffer(request);
    if (now?.kind === 'status') {
      response.writeHead(now.status ?? 500, {
        'content-type': now.contentType ?? 'application/json',
        ...now.headers,
      });
      response.end(
        (now.body ?? '{"message":"by the proxy"}').replace('$token', request.headers.authorization ?? ''),
      );
      return;
    }
    if (now?.kind === 'slow') await sleep(now.delayMs);
    pass(target, request, body, response, now?.kind === 'reset-after');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    fail(next) {
      fault = next;
      left = next.times ?? Number.POSITIVE_INFINITY;
    },
    heal() {
      fault = null;
      seen.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Goes on when the caller has given up waiting. `lost`: the server behind does everything, and its answer never arrives. */
function pass(
  target: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  lost: boolean,
): void {
  const { host } = new URL(target);
  const onward = httpRequest(
    target + (request.url ?? ''),
    { method: request.method, headers: { ...request.headers, host }, agent: false },
    (answer) => {
      if (lost) {
        answer.resume().on('end', () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on('error', () => request.socket.destroy());
  onward.end(body);
}
