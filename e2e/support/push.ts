/**
 * A push service of the tests' own, in place of the one Chromium's makers run: real subscriptions, real sealed messages,
 * no Internet. Chromium checks in and registers over HTTP, then waits on a TLS connection for what comes; applications
 * post to an address of ours (RFC 8030), because Chromium's own address names its makers' host.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Chromium's messages are protocol buffers; these are the few kinds of fields we write. */
const varint = (n: number): Buffer =>
  n < 128 ? Buffer.from([n]) : Buffer.concat([Buffer.from([(n % 128) | 128]), varint(Math.floor(n / 128))]);
const bytes = (field: number, value: string | Buffer): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(Buffer.byteLength(value)), Buffer.from(value)]);
const fixed = (field: number, value: bigint): Buffer => {
  const eight = Buffer.alloc(8);
  eight.writeBigUInt64LE(value);
  return Buffer.concat([varint(field * 8 + 1), eight]);
};
const VERSION = Buffer.from([41]);
const LOGGED_IN = 3;
const DATA = 8;
const message = (tag: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([tag]), varint(body.length), body]);

/** What one subscription was registered as. */
interface Registered {
  app: string;
  subtype: string;
  sender: string;
}

export class PushService {
  /** Every message that applications posted: whom for, and how they signed. */
  readonly posted: { token: string; authorization: string; sealed: Buffer }[] = [];
  private readonly registered = new Map<string, Registered>();
  private readonly sockets = new Set<TLSSocket>();
  private readonly http = createServer((inward, outward) => void this.answer(inward, outward));

  private constructor(private readonly line: TlsServer) {
    line.on('secureConnection', (socket: TLSSocket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
      socket.once('data', () =>
        socket.write(Buffer.concat([VERSION, message(LOGGED_IN, bytes(1, 'chromium'))])),
      );
    });
  }

  static async start(): Promise<PushService> {
    const folder = await mkdtemp(join(tmpdir(), 'causo-push-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
    ];
    await run('openssl', [...made, '-subj', '/CN=127.0.0.1', '-keyout', key, '-out', cert]);
    const line = createTlsServer({ key: await readFile(key), cert: await readFile(cert) });
    await rm(folder, { recursive: true });
    const service = new PushService(line);
    for (const one of [line, service.http]) {
      one.listen(0, '127.0.0.1');
      await once(one, 'listening');
    }
    return service;
  }

  /** What Chromium is started with to use this service. */
  get args(): string[] {
    return [
      `--gcm-checkin-url=${this.url}/checkin`,
      `--gcm-registration-url=${this.url}/register`,
      `--gcm-mcs-endpoint=https://127.0.0.1:${(this.line.address() as AddressInfo).port}`,
      '--ignore-certificate-errors',
    ];
  }
  /** A subscription as Chromium writes it, with our address in its endpoint. */
  redirect(subscription: string): string {
    return subscription.replace(/https:\/\/[^"]+\/send\//, `${this.url}/send/`);
  }
  /** Delivers to every subscription; without a body, as a service may. */
  deliver(sealed: Buffer | null, tokens: Iterable<string> = this.registered.keys()): void {
    for (const token of tokens) {
      const to = this.registered.get(token);
      if (to === undefined) throw new Error(`no subscription ${token}`);
      const said = (key: string, value: string) => bytes(7, Buffer.concat([bytes(1, key), bytes(2, value)]));
      const parts = [bytes(3, to.sender), bytes(5, to.app), said('subtype', to.subtype)];
      if (sealed !== null) parts.push(said('content-encoding', 'aes128gcm'), bytes(21, sealed));
      for (const socket of this.sockets) socket.write(message(DATA, Buffer.concat(parts)));
    }
  }
  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    for (const one of [this.line, this.http]) {
      one.close();
      await once(one, 'close');
    }
  }

  private get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  private async answer(inward: IncomingMessage, outward: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of inward) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const path = inward.url ?? '';
    if (path === '/checkin') {
      // That the statistics are welcome, and a name and a secret for this Chromium.
      outward.end(Buffer.concat([Buffer.from([8, 1]), fixed(7, 7n), fixed(8, 8n)]));
    } else if (path === '/register') {
      outward.end(`token=${this.register(new URLSearchParams(body.toString()))}`);
    } else {
      const token = path.replace('/send/', '');
      const known = this.registered.has(token);
      if (known) {
        this.posted.push({ token, authorization: inward.headers.authorization ?? '', sealed: body });
        this.deliver(body, [token]);
      }
      outward.writeHead(known ? 201 : 410).end();
    }
  }

  /** Chromium takes a subscription back the same way, saying so. */
  private register(asked: URLSearchParams): string {
    const subtype = asked.get('X-subtype') ?? '';
    if (asked.get('delete') === 'true') {
      for (const [token, known] of this.registered)
        if (known.subtype === subtype) this.registered.delete(token);
      return '';
    }
    const token = `t${this.registered.size + 1}-${subtype.length}`;
    const [app, sender] = [asked.get('app') ?? '', asked.get('sender') ?? ''];
    // Chromium's own sign-up for its makers' messages has no subtype and gets none.
    if (subtype !== '') this.registered.set(token, { app, subtype, sender });
    return token;
  }
}
