import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to the requests that `when` picks, `times` over (for ever if left out), and then no more. */
export interface Fault {
  readonly kind: 'status' | 'slow' | 'hang' | 'reset-before' | 'reset-after';
  readonly when?: (seen: SeenRequest) => boolean;
  readonly times?: number;
  readonly status?: number;
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

  const server = createServer((request, response) => {
    const one = { method: request.method ?? '', path: request.url ?? '' };
    seen.push(one);
    const now = faultFor(one);
    if (now?.kind === 'hang') return;
    if (now?.kind === 'reset-before') {
      request.socket.destroy();
      return;
    }
    if (now?.kind === 'status') {
      request.resume();
      response.writeHead(now.status ?? 500, {
        'content-type': now.contentType ?? 'application/json',
        ...now.headers,
      });
      response.end(now.body ?? JSON.stringify({ name: 'Fault', message: 'by the proxy' }));
      return;
    }
    setTimeout(
      () => pass(target, request, response, now?.kind === 'reset-after'),
      now?.kind === 'slow' ? now.delayMs : 0,
    );
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

/** `lost`: the server behind does everything, and its answer never arrives. */
function pass(target: string, request: IncomingMessage, response: ServerResponse, lost: boolean): void {
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
  request.pipe(onward);
}
