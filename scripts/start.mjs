import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { followParent } from './follow-parent.mjs';

// Served by this very process, so arguments, signals and the exit code need no forwarding.
const main = new URL('../packages/cli/dist/main.js', import.meta.url);
// Help needs nothing that is newer than what was built before.
const asksHelp = process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h');
if (!asksHelp || !existsSync(main)) await import('./build.mjs');
process.argv.splice(1, 1, fileURLToPath(main), 'serve');
followParent();
await import(main.href);
