import { isForSystem, whyUnusable, type BuildCompute, type BuildGain } from './build-record.ts';
import { damagedFiles, listBuilds, type Build } from './builds-folder.ts';
import { readRefused } from './refused-build.ts';
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

/** What a build brought, as measured when it was built. */
export interface MeasuredGain extends BuildGain {
  /** Time of the build, as ISO 8601. */
  builtAt: string;
  /** False for a build that was removed at once, since it was not faster. */
  kept: boolean;
}

/**
 * The gain of the newest build for `compute` that was measured on this CPU, whether it can be used or not: it may be of
 * another version, or damaged. A build that was not kept counts for its own version alone. Null without one.
 */
export async function findMeasuredGain(compute: BuildCompute): Promise<MeasuredGain | null> {
  const here = await thisSystem();
  const refused = await readRefused(compute);
  const measured = [
    ...(await listBuilds()).map(({ record }) => ({ record, kept: true })),
    ...(refused && whyUnusable(refused, here) === null ? [{ record: refused, kept: false }] : []),
  ].toSorted((a, b) => b.record.builtAt.localeCompare(a.record.builtAt));
  for (const { record, kept } of measured) {
    const { gain, builtAt } = record;
    if (record.compute === compute && gain && isForSystem(record, here)) return { ...gain, builtAt, kept };
  }
  return null;
}
