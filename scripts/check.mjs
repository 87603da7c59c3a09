import { install } from './install.mjs';
import { runStages, staticStages } from './stages.mjs';

install();
process.exitCode = runStages(staticStages).length > 0 ? 1 : 0;
