/**
 * The network between one phone and the server, as a thing a test can break. It is a real connection on a port of its
 * own, so that pages, the service worker and open streams all lose it together.
 */
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { gunzipSync } from 'node:zlib';

export interface Seen {
  method: string;
  path: string;
  body: string;
  /** Absent while the server has not answered. */
  status?: number;
}
/** Which requests a rule is about. */
export type About = (method: string, path: string) => boolean;
export const sendsFacts: About = (method, path) => method === 'POST' && path === '/api/v1/facts';

type Answer = { status: number; headers?: Record<string, string>; body: string };
type Rule = { about: About; times: number } & (
  | { kind: 'lose_reply'; then: () => void }
  | { kind: 'answer'; answer: (body: string) => Answer }
  | { kind: 'rewrite'; change: (body: string) => string }
  | { kind: 'alter'; change: (body: string) => string }
);

export class Network {
  /** Every request that reached this end, in order. */
  readonly seen: Seen[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly agent = new Agent({ keepAlive: true });
  private rules: Rule[] = [];
  private up = true;
  private port = 0;
  private readonly listener = createServer((inward, outward) => void this.pass(inward, outward));

  constructor(private readonly serverPort: number) {
    this.listener.on('connection', (socket) => {
      if (!this.up) {
        socket.destroy();
        return;
      }
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  async open(): Promise<void> {
    this.listener.listen(0, '127.0.0.1');
    await once(this.listener, 'listening');
    this.port = (this.listener.address() as AddressInfo).port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** No signal: open connections break, and new ones come to nothing. */
  cut(): void {
    this.up = false;
    for (const socket of this.sockets) socket.destroy();
  }
  restore(): void {
    this.up = true;
  }
  /** The next such request reaches the server and is carried out, then the signal dies before the reply arrives. */
  loseReply(about: About): Promise<void> {
    return new Promise((resolve) => {
      const then = () => {
        this.cut();
        resolve();
      };
      this.rules.push({ kind: 'lose_reply', about, times: 1, then });
    });
  }
  /** Answers in the server's place, as often as said. */
  answer(about: About, times: number, answer: (body: string) => Answer): void {
    this.rules.push({ kind: 'answer', about, times, answer });
  }
  /** From now on changes a text on its way to the phone. */
  rewrite(about: About, change: (body: string) => string): void {
    this.rules.push({ kind: 'rewrite', about, times: Infinity, change });
  }
  /** From now on changes a text on its way to the server. */
  alter(about: About, change: (body: string) => string): void {
    this.rules.push({ kind: 'alter', about, times: Infinity, change });
  }
  /** Everything passes as it is again. */
  behave(): void {
    this.rules = [];
  }
  async close(): Promise<void> {
    this.cut();
    this.agent.destroy();
    this.listener.close();
    await once(this.listener, 'close');
  }

  private ruleFor(method: string, path: string): Rule | null {
    const rule = this.rules.find((one) => one.about(method, path));
    if (rule === undefined) return null;
    rule.times -= 1;
    if (rule.times <= 0) this.rules = this.rules.filter((one) => one !== rule);
    return rule;
  }

  private async pass(inward: IncomingMessage, outward: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    inward.on('error', () => undefined);
    outward.on('error', () => undefined);
    try {
      for await (const chunk of inward) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    let bytes = Buffer.concat(chunks);
    const zipped = inward.headers['content-encoding'] === 'gzip';
    const method = inward.method ?? 'GET';
    const path = (inward.url ?? '/').split('?')[0] ?? '/';
    const seen: Seen = { method, path, body: (zipped ? gunzipSync(bytes) : bytes).toString() };
    this.seen.push(seen);
    const rule = this.ruleFor(method, path);
    if (rule?.kind === 'answer') {
      const { status, headers, body } = rule.answer(seen.body);
      seen.status = status;
      outward.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
      return;
    }
    const headers = { ...inward.headers };
    // A changed text must arrive readable, and not be kept as the same by its old tag.
    if (rule?.kind === 'rewrite')
      for (const name of ['accept-encoding', 'if-none-match']) delete headers[name];
    if (rule?.kind === 'alter') {
      bytes = Buffer.from(rule.change(seen.body));
      headers['content-length'] = String(bytes.length);
    }
    const onward = request(
      { agent: this.agent, host: '127.0.0.1', port: this.serverPort, method, path: inward.url, headers },
      (reply) => {
        seen.status = reply.statusCode ?? 0;
        if (rule === null || rule.kind === 'alter') {
          outward.writeHead(seen.status, reply.headers);
          outward.flushHeaders();
          // A server that goes away in the middle of a stream must be noticed at the phone's end, too.
          pipeline(reply, outward, () => undefined);
          return;
        }
        const parts: Buffer[] = [];
        reply.on('data', (part: Buffer) => parts.push(part));
        reply.on('end', () => {
          if (rule.kind === 'lose_reply') {
            rule.then();
            return;
          }
          const text = Buffer.concat(parts).toString();
          const { 'content-length': _, ...kept } = reply.headers;
          outward
            .writeHead(reply.statusCode ?? 200, kept)
            .end(rule.kind === 'rewrite' ? rule.change(text) : text);
        });
      },
    );
    onward.on('error', () => outward.destroy());
    outward.on('close', () => onward.destroy());
    onward.end(bytes);
  }
}
