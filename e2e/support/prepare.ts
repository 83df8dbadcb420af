/** Once for a run: the small demonstration every test copies, and a look whether the web app is there to test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_ENV, makeDemo, Server } from './server.ts';

export default async function prepare(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'causo-demo-'));
  const database = join(folder, 'demo.db');
  await makeDemo(database);
  process.env[DEMO_ENV] = database;
  const server = await Server.start();
  const page = await fetch(server.url);
  await server.down();
  await server.remove();
  if (!page.ok) throw new Error('The web app is not in this build. Run: npm --prefix web run build');
  return () => rm(folder, { recursive: true, force: true });
}
