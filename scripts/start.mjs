import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stopWithParent } from './stop-with-parent.mjs';

// The gateway runs in this process, so arguments, signals and the exit code need no forwarding.
const main = new URL('../packages/cli/dist/main.js', import.meta.url);
// --help skips the build when an older build exists.
const asksHelp = process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h');
if (!asksHelp || !existsSync(main)) await import('./build.mjs');
process.argv.splice(1, 1, fileURLToPath(main), 'serve');
stopWithParent();
await import(main.href);
