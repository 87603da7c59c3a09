import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The folder of saved conversations: `headway/chats` in the user's data folder, which `XDG_DATA_HOME` sets if it is an absolute path. */
export function chatsFolder(): string {
  return join(dataFolder(), 'headway', 'chats');
}

function dataFolder(): string {
  const { XDG_DATA_HOME, LOCALAPPDATA } = process.env;
  if (XDG_DATA_HOME !== undefined && isAbsolute(XDG_DATA_HOME)) return XDG_DATA_HOME;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  if (process.platform === 'win32' && LOCALAPPDATA) return LOCALAPPDATA;
  return join(homedir(), '.local', 'share');
}
