import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Chrome, unpackChromium } from './unpack-chromium.ts';

const namesOnPath = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'chrome.exe'];

const usualPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
    const folder = process.env[name];
    return folder ? [join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')] : [];
  }),
];

const remedy = 'Set CHROME_PATH to a Chrome or Chromium, or install one (Debian: apt-get install chromium).';

/** `CHROME_PATH`, then the PATH and the usual places, then the Chromium that comes as an npm package (Linux on x64). */
export async function findChrome(): Promise<Chrome> {
  const configured = process.env['CHROME_PATH'];
  if (configured) {
    if (await isExecutable(configured)) return { executablePath: configured, env: {} };
    throw new Error(`CHROME_PATH is ${configured}, which is not an executable file. ${remedy}`);
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const onPath = namesOnPath.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const executablePath of [...onPath, ...usualPlaces]) {
    if (await isExecutable(executablePath)) return { executablePath, env: {} };
  }
  if (process.platform === 'linux' && process.arch === 'x64') return unpackChromium();
  throw new Error(`No browser found for the browser tests. ${remedy}`);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
