import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));

test('the client’s public declarations name neither the gateway nor tRPC', async () => {
  const out = await mkdtemp(join(tmpdir(), 'headway-declarations-'));
  try {
    const tsc = join(packages, 'client', 'node_modules', 'typescript', 'bin', 'tsc');
    const options = [
      '--emitDeclarationOnly',
      '--outDir',
      out,
      '--rootDir',
      packages,
      '--customConditions',
      '@headway/source',
    ];
    await promisify(execFile)(process.execPath, [
      tsc,
      '-p',
      join(packages, 'client', 'tsconfig.build.json'),
      ...options,
    ]);
    const source = join(out, 'client', 'src');
    const text = async (file: string) => readFile(join(source, file), 'utf8');
    const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.d.ts'));
    expect(files).toContain('index.d.ts');
    for (const file of files) expect(await text(file)).not.toContain('@headway/gateway');

    /** The declarations of `@headway/client` and `@headway/client/react`. */
    const reached = new Set(['index.d.ts', 'react/index.d.ts']);
    for (const file of reached) {
      const folder = file.slice(0, file.lastIndexOf('/') + 1);
      for (const [, path = ''] of (await text(file)).matchAll(/from '(\.[^']+)\.ts'/g)) {
        reached.add(join(folder, `${path}.d.ts`).replaceAll('\\', '/'));
      }
    }
    expect(reached).toContain('create-client.d.ts');
    for (const file of reached) expect(await text(file)).not.toContain('@trpc');
  } finally {
    await rm(out, { recursive: true });
  }
});
