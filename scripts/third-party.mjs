import { join } from 'node:path';
import './build.mjs';
import { pnpm } from './pnpm.mjs';
import { runStages } from './stages.mjs';
import { close, runProject } from './vitest.mjs';

const totals = { passed: 0, failed: 0, skipped: 0 };

/** Programs that others publish, too large to be installed with the project. Each folder has a lock file of its own. */
const folders = ['agents', 'heavy'].map((name) => join('tests', 'third-party', name));
const installStages = folders.map((folder) => [
  `install ${folder}`,
  () => pnpm('--dir', folder, 'install', '--frozen-lockfile'),
]);

close(runStages([...installStages, ['third-party tests', () => runProject('third-party', totals)]]), totals);
