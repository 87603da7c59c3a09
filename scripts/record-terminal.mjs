// Types commands into a shell on a pseudo-terminal and writes the screen as an animated SVG:
// node scripts/record-terminal.mjs   (after a build)
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { root } from './run.mjs';
import { terminalSvg } from './terminal-svg.mjs';

const size = { cols: 84, rows: 11 };
const commands = ['headway models', 'headway run --temperature 0 -f docs/architecture.md "What is prefill?"'];
const prompt = '$ ';
const outFile = join(root, 'docs', 'images', 'terminal.svg');

const home = mkdtempSync(join(tmpdir(), 'headway-record-'));
try {
  const frames = await record(home);
  const svg = terminalSvg(frames, size);
  mkdirSync(join(root, 'docs', 'images'), { recursive: true });
  writeFileSync(outFile, svg);
  console.log(`${outFile}: ${frames.length} frames, ${(svg.length / 1000).toFixed(0)} kB`);
} finally {
  rmSync(home, { recursive: true });
}

/** Returns frames: the screen's rows and the time for which they were shown, in ms. */
async function record(home) {
  const command = join(home, 'headway');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'packages/cli/dist/main.js')}' "$@"\n`);
  chmodSync(command, 0o755);
  const env = { HOME: home, PATH: `${home}:${process.env.PATH}`, TERM: 'xterm-256color', PS1: prompt, LANG: 'C.UTF-8' };
  const screen = new xterm.Terminal({ ...size, allowProposedApi: true });
  const shell = spawn('bash', ['--norc', '--noprofile', '--noediting'], {
    ...size,
    cwd: root,
    env,
    name: 'xterm-256color',
  });
  const frames = [];
  let onChange = () => undefined;
  shell.onData((data) => {
    screen.write(data, () => {
      frames.push({ at: performance.now(), rows: rowsOf(screen) });
      onChange();
    });
  });
  const ended = new Promise((resolve) => shell.onExit(() => screen.write('', resolve)));
  const atPrompt = () =>
    new Promise((resolve) => {
      const look = () => {
        if (lastLine(screen) === prompt.trim()) resolve();
      };
      onChange = look;
      look();
    });
  for (const line of commands) {
    await atPrompt();
    await pause(600);
    for (const key of line) {
      shell.write(key);
      await pause(25);
    }
    await pause(300);
    shell.write('\r');
    await pause(100);
  }
  await atPrompt();
  const end = performance.now();
  shell.kill();
  await ended;
  const kept = frames.filter(({ at }) => at <= end);
  return kept.map(({ at, rows }, index) => ({ rows, ms: (kept[index + 1]?.at ?? at + 4000) - at }));
}

function lastLine(screen) {
  const { active } = screen.buffer;
  return active
    .getLine(active.baseY + active.cursorY)
    ?.translateToString(true)
    .trim();
}

/** The visible rows, each a list of runs of one style: `{ text, column, dim, bold }`. */
function rowsOf(screen) {
  const { active } = screen.buffer;
  return Array.from({ length: size.rows }, (_, row) => {
    const line = active.getLine(active.baseY + row);
    const runs = [];
    for (let column = 0; column < size.cols; column++) {
      const cell = line?.getCell(column);
      if (!cell) continue;
      const [text, dim, bold] = [cell.getChars() || ' ', cell.isDim() !== 0, cell.isBold() !== 0];
      const last = runs.at(-1);
      if (last && last.dim === dim && last.bold === bold) last.text += text;
      else runs.push({ text, column, dim, bold });
    }
    return runs.map((run) => ({ ...run, text: run.text.trimEnd() })).filter(({ text }) => text !== '');
  });
}
