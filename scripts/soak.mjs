import './build.mjs';
import { runStages } from './stages.mjs';
import { close, runProject } from './vitest.mjs';

const totals = { passed: 0, failed: 0, skipped: 0 };
const projects = ['unit', 'model', 'system'];
close(
  runStages(projects.map((project) => [`${project} soak`, () => runProject(project, totals, { HEADWAY_SOAK: '1' })])),
  totals,
);
