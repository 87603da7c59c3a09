import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where the benches keep what takes long to make: in the system's cache folder, outside the checkout. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'headway-bench');
  if (process.platform === 'win32') return join(local ?? join(homedir(), 'AppData', 'Local'), 'headway-bench');
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'headway-bench');
}
