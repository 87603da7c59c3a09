import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { headwayMain } from './open-terminal.ts';

/** A temporary home and working folder, so that headway finds no models or settings of this machine. */
export async function openHome() {
  const path = await mkdtemp(join(tmpdir(), 'headway-cli-'));
  const env = { PATH: process.env['PATH'] ?? '', HOME: path, TERM: 'xterm-256color' };
  return { path, env, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

export interface Piped {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface HeadwayOptions {
  env: NodeJS.ProcessEnv;
  cwd?: string;
  stdin?: string | Buffer;
  /** User to run it as. */
  uid?: number | undefined;
}

/** Starts the built `headway` with pipes, as a script would. */
export function startHeadway(args: readonly string[], { env, cwd, stdin = '', uid }: HeadwayOptions) {
  const child = spawn(process.execPath, [headwayMain, ...args], { env, cwd, uid });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (data: string) => (output.stdout += data));
  child.stderr.setEncoding('utf8').on('data', (data: string) => (output.stderr += data));
  child.stdin.on('error', () => undefined).end(stdin);
  const ended = new Promise<Piped>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, ...output }));
  });
  return { child, ended };
}

export function runHeadway(args: readonly string[], options: HeadwayOptions): Promise<Piped> {
  return startHeadway(args, options).ended;
}
