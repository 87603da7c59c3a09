import { fileURLToPath } from 'node:url';
import './build.mjs';
import { followParent } from './follow-parent.mjs';

// Served by this very process, so arguments, signals and the exit code need no forwarding.
const main = new URL('../packages/gateway/dist/cli/main.js', import.meta.url);
process.argv.splice(1, 1, fileURLToPath(main), 'serve');
followParent();
await import(main.href);
