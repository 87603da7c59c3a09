import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The tested version, from its package. */
export const openCodeVersion: string = readPackage().version;

/**
 * The path of the OpenCode binary for this machine. OpenCode's install script would choose it, but install scripts are off,
 * so this makes the same choice.
 *
 * @throws Error if no installed package has a binary for this machine
 */
export function findOpenCode(): string {
  const { require } = readPackage();
  const names = packageNames();
  for (const name of names) {
    try {
      return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'opencode');
    } catch {
      // Package managers omit packages for other machines; the next one may be installed.
    }
  }
  throw new Error(`OpenCode has no binary for this machine: none of ${names.join(', ')} is installed; run npm install`);
}

function readPackage() {
  const path = realpathSync(createRequire(import.meta.url).resolve('opencode-ai/package.json'));
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return { version, require: createRequire(path) };
}

function packageNames(): string[] {
  const plain = `opencode-${process.platform}-${process.arch}`;
  const flavours = process.arch === 'x64' && !hasAvx2() ? ['-baseline', ''] : ['', '-baseline'];
  const libc = process.platform === 'linux' && isMusl() ? ['-musl', ''] : ['', '-musl'];
  return libc.flatMap((end) => flavours.map((flavour) => `${plain}${flavour}${end}`));
}

function hasAvx2(): boolean {
  if (process.platform === 'linux') return /\bavx2\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
  return spawnSync('sysctl', ['-n', 'hw.optional.avx2_0'], { encoding: 'utf8' }).stdout?.trim() === '1';
}

function isMusl(): boolean {
  return existsSync('/etc/alpine-release');
}
