/** The real program over a real database file: one of each for every test. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 30_000;
const ASK_AGAIN_MS = 25;

/** Where the database prepared for the whole run lies; see prepare.ts. */
export const DEMO_ENV = 'CAUSO_E2E_DEMO';

export function binary(): string {
  const built = ['release', 'debug'].map((profile) =>
    fileURLToPath(new URL(`../../target/${profile}/causo`, import.meta.url)),
  );
  const found = [process.env.CAUSO_BIN, ...built].find((path) => path !== undefined && existsSync(path));
  if (found === undefined) throw new Error('No causo binary. Run: cargo build -p causo');
  return found;
}

/** A small world is enough to test with; the screenshots ask for the whole campaign. */
export const SCALE_ENV = 'CAUSO_E2E_SCALE';
const SCALE = '0.02';

export async function makeDemo(database: string): Promise<void> {
  await run(binary(), ['--database', database, 'demo', '--scale', process.env[SCALE_ENV] ?? SCALE]);
}

export class Server {
  private child: ChildProcess | null = null;
  private said = '';
  /** Any free one at first; kept from then on, since phones know it. */
  port = 0;

  private constructor(
    private readonly folder: string,
    private readonly database: string,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  get log(): string {
    return this.said;
  }

  /** A copy of the prepared database with the program running over it. */
  static async start(): Promise<Server> {
    const demo = process.env[DEMO_ENV];
    if (demo === undefined) throw new Error(`${DEMO_ENV} is not set: prepare.ts did not run`);
    const folder = await mkdtemp(join(tmpdir(), 'causo-e2e-'));
    const database = join(folder, 'causo.db');
    await copyFile(demo, database);
    await copyFile(`${demo}.key`, `${database}.key`);
    const server = new Server(folder, database);
    await server.up();
    return server;
  }

  /** Starts the program and waits until it answers. */
  async up(): Promise<void> {
    const push = ['--push-contact', 'mailto:thu@example.vn', '--push-loopback'];
    const args = ['--database', this.database, 'serve', '--listen', `127.0.0.1:${this.port}`, ...push];
    const child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => (this.said += bytes.toString()));
    }
    const deadline = performance.now() + START_MS_MAX;
    while (performance.now() < deadline) {
      if (child.exitCode !== null) throw new Error(`causo ended at once:\n${this.said}`);
      this.port ||= Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(this.said)?.[1] ?? 0);
      const answer = this.port === 0 ? null : await fetch(`${this.url}/healthz`).catch(() => null);
      if (answer?.ok === true) return;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
    throw new Error(`causo did not answer within ${START_MS_MAX} ms:\n${this.said}`);
  }

  /** Asks it to stop, as an operator would, and insists that it does. */
  async down(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    const [code, signal] = (await ended) as [number | null, string | null];
    clearTimeout(late);
    if (signal === 'SIGKILL') throw new Error(`causo did not stop within ${STOP_MS_MAX} ms of SIGTERM`);
    if (code !== 0) throw new Error(`causo ended with ${code ?? signal}:\n${this.said}`);
  }

  /** Writes what no screen makes yet, beside the running program. */
  async sql(text: string): Promise<void> {
    await run('sqlite3', ['-cmd', '.timeout 5000', this.database, text]);
  }

  /** Recounts everything from the ledger; a difference fails the test that left it. */
  async verify(): Promise<void> {
    await run(binary(), ['--database', this.database, 'verify']).catch(
      (error: { stdout?: string; stderr?: string }) => {
        throw new Error(`causo verify found differences:\n${error.stdout ?? ''}${error.stderr ?? ''}`);
      },
    );
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
