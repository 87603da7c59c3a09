import { whyUnusable, type BuildCompute } from './build-record.ts';
import { damagedFiles, listBuilds, type Build } from './builds-folder.ts';
import { thisSystem } from './this-system.ts';

/** The newest build for `compute` that can be used on this machine; null without one. */
export async function findBuild(compute: BuildCompute): Promise<Build | null> {
  const here = await thisSystem();
  for (const build of await listBuilds()) {
    const usable = build.record.compute === compute && whyUnusable(build.record, here) === null;
    if (usable && (await damagedFiles(build)).length === 0) return build;
  }
  return null;
}
