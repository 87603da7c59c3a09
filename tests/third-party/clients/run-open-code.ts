import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findOpenCode, openCodeVersion } from './open-code-binary.ts';
import { blockOutbound, type BlockedOutbound } from './block-outbound.ts';

/** Longer than any turn takes, and shorter than the test's own timeout. */
const hangMs = 120_000;

export interface OpenCodeOptions {
  /** Its own configuration (`opencode.json`). */
  config: object;
  args: readonly string[];
}

export interface OpenCodeRun {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Hosts other than this machine that it tried to reach. */
  outboundHosts: readonly string[];
  /** Whether a process of it still ran after it exited. */
  leftProcesses: boolean;
}

/**
 * Runs `opencode` in a temporary home and folder, with outbound connections recorded and refused: it looks for updates, the
 * list of models and its plugin's package.
 *
 * @throws Error with its output, if it hangs
 */
export async function runOpenCode({ config, args }: OpenCodeOptions): Promise<OpenCodeRun> {
  await using outbound = await blockOutbound();
  const home = await mkdtemp(join(tmpdir(), 'headway-opencode-'));
  try {
    const work = join(home, 'work');
    await mkdir(work);
    await writeFile(join(work, 'opencode.json'), JSON.stringify(config));
    await pretendPluginInstalled(join(home, '.config', 'opencode'));
    return { ...(await runBounded(args, work, envOf(home, outbound))), outboundHosts: outbound.outboundHosts };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function envOf(home: string, outbound: BlockedOutbound): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    TMPDIR: home,
    ...outbound.env,
    npm_config_registry: outbound.url,
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    OPENCODE_DISABLE_SHARE: '1',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    OPENCODE_DISABLE_CLAUDE_CODE: '1',
  };
}

/** It installs its plugin's package into its configuration folder unless this file says that it is installed. */
async function pretendPluginInstalled(folder: string): Promise<void> {
  const dependencies = { '@opencode-ai/plugin': openCodeVersion };
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ dependencies }));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify({ packages: { '': { dependencies } } }));
}

/** Runs it in its own process group, kills the group when it hangs, and checks for left processes when it exits. */
async function runBounded(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  const child = spawn(findOpenCode(), [...args], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let hung = false;
  const hangs = setTimeout(() => (hung = killGroup(child.pid)), hangMs);
  try {
    const [code] = await ended;
    if (hung) throw new Error(`opencode did not end in ${hangMs} ms: ${JSON.stringify(output)}`);
    return { code, ...output, leftProcesses: killGroup(child.pid) };
  } finally {
    clearTimeout(hangs);
  }
}

/** Whether a process was killed. */
function killGroup(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
