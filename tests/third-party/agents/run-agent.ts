import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { blockOutbound } from '../clients/block-outbound.ts';
import type { Agent, AgentTask } from './agent.ts';
import { commandOf } from './installed.ts';
import { readRecipe } from './read-recipe.ts';

/** Longer than any task takes, and shorter than the test's own timeout. */
const hangMs = 150_000;

export interface AgentRun {
  /** Null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Hosts other than this machine that it tried to reach. */
  outboundHosts: readonly string[];
}

export interface RunningAgent extends AsyncDisposable {
  /** Its working folder. */
  work: string;
  /** Interrupts all of its processes, like Ctrl-C in a terminal. */
  interrupt(): void;
  /** Whether one of its processes runs. */
  isAlive(): boolean;
  /** @throws Error with what it printed, when it hangs */
  ended: Promise<AgentRun>;
}

/** Starts an agent in a temporary home and folder, with outbound connections recorded and refused. */
export async function startAgent(
  agent: Agent,
  task: AgentTask,
  workFiles: Record<string, string> = {},
): Promise<RunningAgent> {
  const [node, entry] = commandOf(agent);
  const { env, files } = readRecipe(agent.name, task);
  const outbound = await blockOutbound();
  const home = await mkdtemp(join(tmpdir(), 'headway-agent-'));
  const work = join(home, 'work');
  await mkdir(work);
  await writeFiles(home, files);
  await writeFiles(work, workFiles);

  const child = spawn(node, [entry, ...agent.args(task)], {
    cwd: work,
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: home, ...outbound.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  let hung = false;
  const hangs = setTimeout(() => (hung = signalGroup(child.pid, 'SIGKILL')), hangMs);
  const ended = (once(child, 'close') as Promise<[number | null]>).then(([code]): AgentRun => {
    clearTimeout(hangs);
    if (hung) throw new Error(`${agent.name} did not end in ${hangMs} ms: ${JSON.stringify(output)}`);
    return { code, ...output, outboundHosts: outbound.outboundHosts };
  });
  // It may reject before a caller waits for it.
  ended.catch(() => undefined);
  return {
    work,
    interrupt: () => void signalGroup(child.pid, 'SIGINT'),
    isAlive: () => signalGroup(child.pid, 0),
    ended,
    async [Symbol.asyncDispose]() {
      signalGroup(child.pid, 'SIGKILL');
      await ended.catch(() => undefined);
      await outbound[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** Whether a process got the signal. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
