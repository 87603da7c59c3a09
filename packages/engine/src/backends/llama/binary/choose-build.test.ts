import { expect, it, test } from 'vitest';

import { here, sampleBuild } from './build.fixture.ts';
import { chooseBuilds, type Gpu } from './choose-build.ts';

const cpu = sampleBuild();
const cuda = sampleBuild({ compute: 'cuda' });

test.each<[Gpu, string[], string[]]>([
  ['auto', [], ['cpu']],
  ['auto', ['cuda', 'vulkan'], ['cuda', 'cpu']],
  [false, ['cuda'], ['cpu']],
  ['cuda', ['cuda'], ['cuda']],
  ['vulkan', ['vulkan'], []],
])('with gpu %s and the drivers %j it tries %j', (gpu, drivers, tried) => {
  const { builds, notice } = chooseBuilds([cpu, cuda], { here, gpu, drivers });
  expect(builds.map(({ record }) => record.compute)).toEqual(tried);
  expect(notice).toBeNull();
});

it('says once why a build cannot be used, and nothing when another one can', () => {
  const foreign = sampleBuild({ cpu: { model: 'EPYC', features: [] } });
  const options = { here, gpu: 'auto', drivers: [] } as const;
  expect(chooseBuilds([foreign], options)).toEqual({
    builds: [],
    notice:
      'the llama.cpp of 2026-11-29 by headway build is not used: it is for the CPU EPYC, not for Xeon; run headway build again',
  });
  expect(chooseBuilds([foreign, cpu], options)).toEqual({ builds: [cpu], notice: null });
});
