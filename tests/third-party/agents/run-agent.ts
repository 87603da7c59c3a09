import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { shutWayOut } from '../clients/shut-way-out.ts';
import type { Agent, AgentTask } from './agent.ts';
import { commandOf } from './installed.ts';
import { readRecipe } from './read-recipe.ts';

/** Longer than a task takes on any machine, and shorter than the test that waits for it. */
const hangMs = 150_000;

export interface AgentRun {
  /** Null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Hosts that it asked for something, other than this machine. */
  strangers: readonly string[];
}

export interface RunningAgent extends AsyncDisposable {
  /** The folder that it works in. */
  work: string;
  /** As Ctrl-C in a terminal does, for every process of it. */
  interrupt(): void;
  /** Whether there is a process of it. */
  isAlive(): boolean;
  /** @throws Error with what it printed, when it hangs */
  ended: Promise<AgentRun>;
}

/** Starts an agent in a home and a folder of its own, which are removed, with the network's way out watched and shut. */
export async function startAgent(
  agent: Agent,
  task: AgentTask,
  workFiles: Record<string, string> = {},
): Promise<RunningAgent> {
  const [node, entry] = commandOf(agent);
  const { env, files } = readRecipe(agent.name, task);
  const wayOut = await shutWayOut();
  const home = await mkdtemp(join(tmpdir(), 'headway-agent-'));
  const work = join(home, 'work');
  await mkdir(work);
  await writeFiles(home, files);
  await writeFiles(work, workFiles);

  const child = spawn(node, [entry, ...agent.args(task)], {
    cwd: work,
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: home, ...wayOut.env, ...env },
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
    return { code, ...output, strangers: wayOut.strangers };
  });
  // Whoever waits for it hears of it; it may fail before.
  ended.catch(() => undefined);
  return {
    work,
    interrupt: () => void signalGroup(child.pid, 'SIGINT'),
    isAlive: () => signalGroup(child.pid, 0),
    ended,
    async [Symbol.asyncDispose]() {
      signalGroup(child.pid, 'SIGKILL');
      await ended.catch(() => undefined);
      await wayOut[Symbol.asyncDispose]();
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

/** Whether there was anybody to tell. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
