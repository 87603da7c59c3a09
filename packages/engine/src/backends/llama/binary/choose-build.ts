import { whyUnusable, type Here } from './build-record.ts';
import type { Build } from './builds-folder.ts';

/** Where a model is to compute, as in `LlamaOptions`. */
export type Gpu = 'auto' | 'cuda' | 'metal' | 'vulkan' | false;

export interface BuildChoice {
  /** Builds to try in this order. One for the CPU is right only if the prebuilt binary finds no GPU either. */
  builds: Build[];
  /** Why no build is used although there is one, for the operator; null otherwise. */
  notice: string | null;
}

/**
 * Chooses the builds for `gpu`. `drivers`: the GPU interfaces whose drivers are installed here. One for a GPU comes first,
 * and none for the CPU is chosen where a GPU is asked for.
 */
export function chooseBuilds(
  builds: readonly Build[],
  { here, gpu, drivers }: { here: Here; gpu: Gpu; drivers: readonly string[] },
): BuildChoice {
  const wanted = builds.filter(({ record: { compute } }) => {
    if (gpu === 'auto') return compute === 'cpu' || drivers.includes(compute);
    return compute === (gpu === false ? 'cpu' : gpu);
  });
  const judged = wanted.map((build) => ({ build, why: whyUnusable(build.record, here) }));
  const usable = judged.filter(({ why }) => why === null).map(({ build }) => build);
  const onGpu = usable.filter(({ record }) => record.compute !== 'cpu');
  const onCpu = usable.filter(({ record }) => record.compute === 'cpu');
  const [refused] = judged;
  const notice =
    usable.length === 0 && refused ? notUsed(refused.build, refused.why ?? '', 'run headway build again') : null;
  return { builds: [...onGpu, ...onCpu], notice };
}

/** The notice about a build that is not used: `the llama.cpp of 2026-11-29 by headway build is not used: it …; run headway build again`. */
export function notUsed({ record }: Build, why: string, remedy: string): string {
  return `the llama.cpp of ${record.builtAt.slice(0, 10)} by headway build is not used: it ${why}; ${remedy}`;
}
