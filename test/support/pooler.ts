import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import pg from 'pg';

/**
 * A transaction pooler as the real ones are: each transaction gets any server connection, and between two of them
 * everything of a session (settings, advisory locks, temporary tables, LISTEN, prepared statements) is gone.
 */
export interface Pooler {
  readonly url: string;
  /** How many transactions went through. */
  transactions(): number;
  close(): Promise<void>;
}

export async function startPooler(url: string, options: { connections: number }): Promise<Pooler> {
  const backends = new Backends(url, options.connections);
  const server = createServer((socket) => new Session(socket, backends));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(url);
  through.port = String((server.address() as { port: number }).port);
  return {
    url: through.href,
    transactions: () => backends.served,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      await backends.close();
    },
  };
}

/** A server connection that pg opened and authenticated, and whose bytes are ours from then on. */
interface Backend {
  readonly client: pg.Client;
  readonly socket: Socket;
  onData: (bytes: Buffer) => void;
}

class Backends {
  served = 0;
  private readonly idle: Backend[] = [];
  private readonly waiting: ((backend: Backend) => void)[] = [];
  private opened = 0;
  private readonly url: string;
  private readonly limit: number;

  constructor(url: string, limit: number) {
    this.url = url;
    this.limit = limit;
  }

  async take(): Promise<Backend> {
    const idle = this.idle.pop();
    if (idle !== undefined) return idle;
    if (this.opened < this.limit) {
      this.opened += 1;
      return openBackend(this.url);
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** To the next in line, once nothing of the last session is left in it. */
  giveBack(backend: Backend): void {
    this.served += 1;
    const frames = new Frames();
    backend.onData = (bytes) => {
      if (frames.push(bytes).some(({ type }) => type === 'Z')) this.offer(backend);
    };
    backend.socket.write(frame('Q', Buffer.from('discard all\0')));
  }

  /** Its client went away in the middle of a transaction. */
  async replace(backend: Backend): Promise<void> {
    backend.socket.destroy();
    this.offer(await openBackend(this.url));
  }

  async close(): Promise<void> {
    for (const { socket } of this.idle) socket.destroy();
  }

  private offer(backend: Backend): void {
    const next = this.waiting.shift();
    if (next === undefined) this.idle.push(backend);
    else next(backend);
  }
}

async function openBackend(url: string): Promise<Backend> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  const { stream: socket } = (client as unknown as { connection: { stream: Socket } }).connection;
  socket.removeAllListeners('data');
  socket.setNoDelay(true);
  const backend: Backend = { client, socket, onData: () => undefined };
  socket.on('data', (bytes: Buffer) => backend.onData(bytes));
  return backend;
}

/** One client of the pooler. */
class Session {
  private readonly socket: Socket;
  private readonly backends: Backends;
  private readonly frames = new Frames();
  private pending: Promise<void> = Promise.resolve();
  private started = false;
  private backend: Backend | undefined;
  /** Statements whose ReadyForQuery has not come back. */
  private awaited = 0;

  constructor(socket: Socket, backends: Backends) {
    this.socket = socket;
    this.backends = backends;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      this.pending = this.pending.then(() => this.receive(bytes));
    });
    socket.on('close', () => {
      const { backend } = this;
      this.backend = undefined;
      if (backend !== undefined) void this.backends.replace(backend);
    });
  }

  private async receive(bytes: Buffer): Promise<void> {
    let rest = bytes;
    if (!this.started) {
      // The first message has no type byte. An SSLRequest is declined, and another first message follows.
      const [length, code] = [bytes.readInt32BE(0), bytes.readInt32BE(4)];
      rest = bytes.subarray(length);
      if (code === 80_877_103) this.socket.write('N');
      else this.welcome();
    }
    for (const { type, bytes: message } of this.frames.push(rest)) {
      if (type === 'X') this.socket.end();
      else await this.forward(type, message);
    }
  }

  private welcome(): void {
    this.started = true;
    this.socket.write(
      Buffer.concat([
        frame('R', Buffer.from([0, 0, 0, 0])),
        frame('S', Buffer.from('client_encoding\0UTF8\0')),
        frame('S', Buffer.from('standard_conforming_strings\0on\0')),
        frame('K', Buffer.alloc(8)),
        frame('Z', Buffer.from('I')),
      ]),
    );
  }

  private async forward(type: string, message: Buffer): Promise<void> {
    if (this.backend === undefined) {
      const backend = await this.backends.take();
      const answers = new Frames();
      backend.onData = (bytes) => {
        for (const answer of answers.push(bytes)) this.answer(answer.type, answer.bytes);
      };
      this.backend = backend;
    }
    if (type === 'Q' || type === 'S' || type === 'F') this.awaited += 1;
    this.backend.socket.write(message);
  }

  private answer(type: string, message: Buffer): void {
    this.socket.write(message);
    if (type !== 'Z') return;
    this.awaited -= 1;
    const outside = message.toString('latin1', 5, 6) === 'I';
    if (this.awaited > 0 || !outside || this.backend === undefined) return;
    const { backend } = this;
    this.backend = undefined;
    this.backends.giveBack(backend);
  }
}

/** Cuts a stream into messages: a type byte, a length that counts itself, a body. */
class Frames {
  private held: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): { type: string; bytes: Buffer }[] {
    this.held = Buffer.concat([this.held, bytes]);
    const found: { type: string; bytes: Buffer }[] = [];
    while (this.held.length >= 5) {
      const end = 1 + this.held.readInt32BE(1);
      if (this.held.length < end) break;
      found.push({ type: this.held.toString('latin1', 0, 1), bytes: this.held.subarray(0, end) });
      this.held = this.held.subarray(end);
    }
    return found;
  }
}

function frame(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
