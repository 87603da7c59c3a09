import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Chrome {
  executablePath: string;
  /** Additional environment variables of the process. */
  env: Record<string, string>;
}

const testsFolder = fileURLToPath(new URL('..', import.meta.url));
const cacheFolder = join(testsFolder, 'node_modules', '.cache');

/** Unpacks the Chromium of `@sparticuz/chromium` once, with the libraries that a bare Linux lacks. */
export async function unpackChromium(): Promise<Chrome> {
  const manifest = await readFile(join(testsFolder, 'node_modules', '@sparticuz', 'chromium', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const folder = join(cacheFolder, `chromium-${version}`);
  if (!existsSync(folder)) await unpackInto(folder);
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: [join(folder, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':'),
      ...(existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') }),
    },
  };
}

async function unpackInto(folder: string): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const staging = await mkdtemp(join(cacheFolder, 'unpacking-'));
  // The package unpacks into TMPDIR, and unpacks its libraries only where the environment looks like AWS.
  const env = { ...process.env, TMPDIR: staging, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
  const script = "const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath();";
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: testsFolder, env });
  // Its font configuration names folders of AWS.
  await writeFile(
    join(staging, 'fonts', 'fonts.conf'),
    `<?xml version="1.0"?><fontconfig><dir>${join(folder, 'fonts')}</dir></fontconfig>\n`,
  );
  await rename(staging, folder).catch(async (error: unknown) => {
    // Another process has unpacked it meanwhile.
    await rm(staging, { recursive: true });
    if (!existsSync(folder)) throw error;
  });
}
