import { install } from './install.mjs';
import { runStages, staticStages } from './stages.mjs';
import { close, runProject } from './vitest.mjs';

install();
const totals = { passed: 0, failed: 0, skipped: 0 };
const projects = ['unit', 'model', 'system', 'browser'];
const testStages = projects.map((project) => [`${project} tests`, () => runProject(project, totals)]);
close(runStages([...staticStages, ...testStages]), totals);
