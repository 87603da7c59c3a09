import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { ThirdPartyClient } from '../third-party-client.ts';
import { chatByHand, RefusedError, type ChatRequest } from './chat-by-hand.ts';

const source = fileURLToPath(new URL('java/ReadChat.java', import.meta.url));
/** Flags for a fast start, since the program runs for a second. */
const startsFast = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

export interface JavaClient extends ThirdPartyClient, AsyncDisposable {}

/** `java.net.http.HttpClient`, which offers HTTP/2 with every request; null if no JDK is installed. */
export async function openJava(): Promise<JavaClient | null> {
  // Such as `javac 17.0.15`.
  const [, version] = /^javac (\S+)/.exec(spawnSync('javac', ['-version'], { encoding: 'utf8' }).stdout ?? '') ?? [];
  if (version === undefined) return null;
  const folder = await mkdtemp(join(tmpdir(), 'headway-java-'));
  const compiled = spawnSync('javac', ['-d', folder, source], { encoding: 'utf8' });
  if (compiled.status !== 0) throw new Error(`javac failed: ${compiled.stderr}`);
  const client = chatByHand({
    name: 'Java HttpClient',
    version,
    read: (request) => readInJava(folder, request),
  });
  return { ...client, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

async function readInJava(folder: string, { url, body, signal, onData }: ChatRequest): Promise<void> {
  const file = join(folder, 'request.json');
  await writeFile(file, body);
  const child = spawn('java', [...startsFast, '-cp', folder, 'ReadChat', url, file], { stdio: 'pipe' });
  const closed = once(child, 'close') as Promise<[number | null]>;
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const onAbort = () => child.stdin.end();
  signal?.addEventListener('abort', onAbort, { once: true });
  let status = 0;
  let refusal = '';
  for await (const line of createInterface({ input: child.stdout })) {
    if (status === 0) status = Number(line);
    else if (status !== 200) refusal += line;
    else if (line.startsWith('data: ')) onData(line.slice('data: '.length));
  }
  signal?.removeEventListener('abort', onAbort);
  const [code] = await closed;
  if (refusal !== '') throw new RefusedError(status, refusal);
  if (code !== 0) throw new Error(`java ended with ${code}: ${complaints}`);
}
