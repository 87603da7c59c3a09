import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildsFolder, writeRecord, type Build } from '../binary/builds-folder.ts';
import { takeLock } from './steps/build-lock.ts';
import { writeTrialModel } from './verify/trial-model.ts';
import { verifyBuild, type Verified, type VerifyOptions } from './verify/verify-build.ts';

/**
 * Compares a build with the prebuilt binary again, as when it was built, and notes its gain.
 *
 * @throws Error when the build does not load or crashes, or another process builds or measures; the signal's reason when it aborts
 */
export async function measureBuild(
  build: Build,
  { speedModel, ...options }: Omit<VerifyOptions, 'speedModel'> & { speedModel?: string | undefined },
): Promise<Verified> {
  const lock = await takeLock(join(buildsFolder(), 'lock'));
  try {
    const folder = await mkdtemp(join(tmpdir(), 'headway-trial-'));
    try {
      const trialModel = join(folder, 'trial.gguf');
      if (speedModel === undefined) await writeTrialModel(trialModel, { vocabulary: options.textModel });
      const verified = await verifyBuild(build, { ...options, speedModel: speedModel ?? trialModel });
      await writeRecord({ folder: build.folder, record: { ...build.record, gain: verified.gain } });
      return verified;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}
