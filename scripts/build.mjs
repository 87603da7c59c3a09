import { install } from './install.mjs';
import { turbo } from './pnpm.mjs';

install();
console.log('building…');
if (!turbo('build')) process.exit(1);
