import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findOpenCode, openCodeVersion } from './open-code-binary.ts';
import { shutWayOut, type ShutWayOut } from './shut-way-out.ts';

/** Longer than a turn takes on any machine, and shorter than the test that waits for it. */
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
  /** Hosts that it asked for something, other than this machine. */
  strangers: readonly string[];
  /** Whether a process that it started was left when it had ended. */
  leftProcesses: boolean;
}

/**
 * Runs `opencode` in a home and folder of its own, which are removed, with the network's way out watched and shut: it
 * would look for updates, the list of models and its plugin's package there.
 *
 * @throws Error with what it printed, when it hangs
 */
export async function runOpenCode({ config, args }: OpenCodeOptions): Promise<OpenCodeRun> {
  await using wayOut = await shutWayOut();
  const home = await mkdtemp(join(tmpdir(), 'headway-opencode-'));
  try {
    const work = join(home, 'work');
    await mkdir(work);
    await writeFile(join(work, 'opencode.json'), JSON.stringify(config));
    await pretendPluginInstalled(join(home, '.config', 'opencode'));
    return { ...(await runBounded(args, work, envOf(home, wayOut))), strangers: wayOut.strangers };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function envOf(home: string, wayOut: ShutWayOut): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    TMPDIR: home,
    ...wayOut.env,
    npm_config_registry: wayOut.url,
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    OPENCODE_DISABLE_SHARE: '1',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    OPENCODE_DISABLE_CLAUDE_CODE: '1',
  };
}

/** It installs its plugin's package into its configuration's folder unless this says that it is there. */
async function pretendPluginInstalled(folder: string): Promise<void> {
  const dependencies = { '@opencode-ai/plugin': openCodeVersion };
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ dependencies }));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify({ packages: { '': { dependencies } } }));
}

/** In a process group of its own, which is killed when it hangs and looked for when it ended. */
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

/** Whether there was anybody to kill. */
function killGroup(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
