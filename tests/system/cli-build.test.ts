import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isAlive } from '@headway/engine/testing';
import { expect, test } from 'vitest';

import { openHome, runHeadway, startHeadway } from './run-headway.ts';

/** What stands in for cmake: a shell script for `cmake -S …`, and one for `cmake --build $2 …`. */
interface FakeCmake {
  configure?: string;
  compile?: string;
}

/** A home whose cache folder is the same on every system, and its folder of builds. */
async function openCachedHome() {
  const home = await openHome();
  const cache = join(home.path, 'cache');
  return { ...home, env: { ...home.env, XDG_CACHE_HOME: cache }, builds: join(cache, 'headway', 'llama') };
}

/** A home whose PATH has nothing but what stands in for the tools of a build. */
async function openWorkshop({ configure = 'exit 0', compile = 'exit 0' }: FakeCmake = {}) {
  const home = await openCachedHome();
  const tools = join(home.path, 'tools');
  await mkdir(tools);
  const scripts = {
    // Of `git … clone … <target>` and `git -C … apply …`, only the first has to do something.
    git: 'case " $* " in *" clone "*) for last; do :; done; /bin/mkdir -p "$last";; esac',
    cmake: `if [ "$1" = --build ]; then ${compile}; else ${configure}; fi`,
    'c++': 'exit 0',
    make: 'exit 0',
  };
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(tools, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(tools, name), 0o755);
  }
  const { builds } = home;
  return {
    env: { ...home.env, PATH: tools },
    path: home.path,
    builds,
    /** What is left in the folder of builds, besides the log. */
    left: async () => (await readdir(builds)).filter((name) => name !== 'build.log'),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

test('a machine without the tools is told what to install, and nothing is written', async () => {
  await using home = await openCachedHome();
  const { code, stdout, stderr } = await runHeadway(['build'], { env: { ...home.env, PATH: home.path } });
  expect(stderr.replace(/\s+/g, ' ')).toMatch(
    /^headway: git and cmake and a C\+\+ compiler and make are missing; install /,
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(await readdir(home.path)).toEqual([]);
});

test.for<[string, FakeCmake, RegExp]>([
  [
    'a configuration that fails is shown with the log’s path',
    { configure: 'echo "CMake Error: no OpenMP at all"; exit 1' },
    /configuring failed: CMake Error: no OpenMP at all; the whole log is .*build\.log/,
  ],
  [
    'a compiler’s error is shown',
    { compile: 'echo "[1/9] a.cpp"; echo "a.cpp:1:1: error: what is this" >&2; exit 2' },
    /compiling failed: a\.cpp:1:1: error: what is this/,
  ],
  [
    'a full disk is named',
    { compile: 'echo "cc1plus: fatal error: a.o: No space left on device"; exit 1' },
    /the disk is full; free some space, or choose another folder with XDG_CACHE_HOME/,
  ],
  [
    'a binary that does not load is not kept',
    { compile: 'echo nonsense > "$2/llama-addon-headway.node"', configure: '/bin/mkdir -p "$4"' },
    /the build was not kept: it does not run \(.*llama-addon-headway\.node.*\); the log of its compilation is/,
  ],
])('%s', async ([, cmake, says]) => {
  await using workshop = await openWorkshop(cmake);
  const { code, stdout, stderr } = await runHeadway(['build', '--gpu', 'false'], workshop);
  expect(stderr.replace(/\s+/g, ' ')).toMatch(says);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(await workshop.left()).toEqual([]);
  expect(await readFile(join(workshop.builds, 'build.log'), 'utf8')).toMatch(/^\$ git /);
});

test('Ctrl-C while it compiles ends the compilers and leaves no half build; a second build is refused', async () => {
  await using workshop = await openWorkshop({
    compile: 'echo "[1/9] a.cpp"; /bin/sleep 600 & echo $! > "$HOME/compiler"; wait',
  });
  const first = startHeadway(['build', '--gpu', 'false'], workshop);
  const compiler = async () => Number(await readFile(join(workshop.path, 'compiler'), 'utf8').catch(() => ''));
  await expect.poll(compiler, { timeout: 30_000 }).toBeGreaterThan(0);
  const second = await runHeadway(['build', '--gpu', 'false'], workshop);
  expect(second.stderr).toContain(`another headway build runs (process ${first.child.pid})`);
  expect(second.code).toBe(1);

  first.child.kill('SIGINT');
  expect((await first.ended).code).toBe(130);
  expect(isAlive(await compiler())).toBe(false);
  expect(await workshop.left()).toEqual([]);
});

test('kill -9 while it compiles leaves no process', async () => {
  await using workshop = await openWorkshop({
    compile: 'trap \'\' HUP TERM; /bin/sleep 600 & /bin/sleep 600 & : > "$HOME/compiling"; wait',
  });
  const { child, ended } = startHeadway(['build', '--gpu', 'false'], workshop);
  await expect.poll(() => existsSync(join(workshop.path, 'compiling')), { timeout: 30_000 }).toBe(true);
  // The command, cmake, two compilers, and the guard.
  expect(processesAt(workshop.path)).toHaveLength(5);
  child.kill('SIGKILL');
  await ended;
  await expect.poll(() => processesAt(workshop.path), { timeout: 20_000 }).toEqual([]);
});

/** The processes that have this home folder in their environment, i.e. the command and all that it started. */
function processesAt(home: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(`HOME=${home}\0`);
    } catch {
      return false;
    }
  });
}

test('lists and removes builds, of which there are none at first', async () => {
  await using home = await openCachedHome();
  expect(await runHeadway(['build', '--list'], home)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('no builds'),
  });
  expect(await runHeadway(['build', '--remove'], home)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('removed 0 builds'),
  });
  const { code, stderr } = await runHeadway(['build', '--measure'], home);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('run headway build') });
});

/** What `npm run soak` compiles for; a build takes minutes, so nothing else does. */
const realBuilds = process.env['HEADWAY_SOAK'] === '1' ? ['false'] : [];
const soakTimeout = { timeout: 3_600_000 };

test.for(realBuilds)('a real build is verified, kept, used and left where it is damaged', soakTimeout, async (gpu) => {
  await using home = await openCachedHome();
  const built = await runHeadway(['build', '--gpu', gpu], home);
  expect(built).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/of 6 texts are the same[^]*writes [\d.]+ times/),
  });
  const list = await runHeadway(['build', '--list'], home);
  expect(list.stdout).toMatch(/^BUILT .*\n\d{4}-\d\d-\d\d .* cpu /);

  const bench = ['bench', '--sizes', '64', '--write', '8', '--repeat', '1', '--json'];
  const binaryOf = async (env = home.env) => {
    const { stdout, stderr } = await runHeadway(bench, { env });
    const { model } = JSON.parse(stdout) as { model: { binary: string } };
    return { binary: model.binary, stderr };
  };
  expect(await binaryOf()).toEqual({ binary: 'built', stderr: '' });
  const asked = await binaryOf({ ...home.env, HEADWAY_PREBUILT: '1' } as typeof home.env);
  expect(asked).toEqual({ binary: 'prebuilt', stderr: '' });

  const [build = ''] = (await readdir(home.builds)).filter((name) => name !== 'build.log');
  const files = await readdir(join(home.builds, build));
  const library = files.find((name) => /^libggml-cpu-headway\.(so|dylib)/.test(name));
  await writeFile(join(home.builds, build, library ?? 'no library'), '');
  expect(await binaryOf()).toEqual({
    binary: 'prebuilt',
    stderr: expect.stringMatching(/is not used: it does not load/),
  });
});
