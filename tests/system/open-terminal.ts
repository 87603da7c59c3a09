import { fileURLToPath } from 'node:url';

import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

export const headwayMain = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

export interface TerminalOptions {
  args: readonly string[];
  /** The script to run. @default the built `headway` */
  main?: string;
  env: Record<string, string>;
  cwd?: string;
  columns?: number;
  /** @default 24 */
  rows?: number;
}

/** Shorter than a test's own timeout, whose message would not show the screen. */
const hangMs = 25_000;

/** Runs a script in a real pseudo-terminal, with an emulator that knows what its screen shows. */
export function openTerminal({
  args,
  main = headwayMain,
  env,
  cwd = process.cwd(),
  columns = 80,
  rows = 24,
}: TerminalOptions) {
  const size = { cols: columns, rows };
  const screen = new xterm.Terminal({ ...size, scrollback: 1000, allowProposedApi: true });
  const pty = spawn(process.execPath, [main, ...args], {
    ...size,
    cwd,
    env,
    name: env['TERM'] ?? 'xterm-256color',
  });
  const watchers = new Set<() => void>();
  /** All contents of the screen, in order. */
  const frames: string[] = [];
  let raw = '';

  const text = () => {
    const { active } = screen.buffer;
    const lines = Array.from({ length: active.length }, (_, at) => active.getLine(at)?.translateToString(true) ?? '');
    return lines.join('\n').trimEnd();
  };
  const notify = () => {
    for (const watcher of watchers) watcher();
  };
  pty.onData((data) => {
    raw += data;
    screen.write(data, () => {
      frames.push(text());
      notify();
    });
  });
  const exitCode = new Promise<number>((resolve) => {
    // Waits until earlier output is on the screen.
    pty.onExit(({ exitCode: code }) => screen.write('', () => resolve(code)));
  });

  return {
    frames,
    exitCode,
    raw: () => raw,
    text,
    type: (keys: string) => pty.write(keys),
    signal: (name: string) => pty.kill(name),
    /** Changes the window's size, as a user would. */
    resize(to: { columns: number; rows?: number }) {
      screen.resize(to.columns, to.rows ?? rows);
      pty.resize(to.columns, to.rows ?? rows);
    },
    /** Whether the program left the cursor visible. */
    cursorShown: () => raw.lastIndexOf('\u001b[?25h') >= raw.lastIndexOf('\u001b[?25l'),
    /** Resolves when the screen shows `what`. Rejects with the screen's content when the program ends first, or hangs. */
    shows: (what: string | RegExp) =>
      new Promise<string>((resolve, reject) => {
        const shown = () => (typeof what === 'string' ? text().includes(what) : what.test(text()));
        const check = () => {
          if (!shown()) return;
          watchers.delete(check);
          resolve(text());
        };
        const fail = (why: string) => {
          if (watchers.delete(check)) reject(new Error(`${why} before ${String(what)}:\n${text()}`));
        };
        watchers.add(check);
        check();
        setTimeout(() => fail('hung'), hangMs).unref();
        void exitCode.then((code) => fail(`ended with ${code}`));
      }),
    async [Symbol.asyncDispose]() {
      try {
        pty.kill('SIGKILL');
      } catch {
        // The process has ended.
      }
      await exitCode;
      screen.dispose();
    },
  };
}

export const ctrlC = '\u0003';
export const ctrlD = '\u0004';
