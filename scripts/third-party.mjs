import { join } from 'node:path';
import './build.mjs';
import { pnpm } from './pnpm.mjs';
import { runStages } from './stages.mjs';
import { close, runProject } from './vitest.mjs';

const totals = { passed: 0, failed: 0, skipped: 0 };

/** Third-party programs that are too large to install with the project. Each folder has its own lock file. */
const folders = ['agents', 'heavy'].map((name) => join('tests', 'third-party', name));
const installStages = folders.map((folder) => [
  `install ${folder}`,
  () => pnpm('--dir', folder, 'install', '--frozen-lockfile'),
]);

close(runStages([...installStages, ['third-party tests', () => runProject('third-party', totals)]]), totals);
