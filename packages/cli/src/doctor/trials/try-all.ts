import { progressModeIds, progressModes } from '../streams/progress-dialects.ts';
import { surfaceIds, surfaces } from '../streams/surfaces.ts';
import { tryStream, type Trial, type TryStreamOptions } from './try-stream.ts';

export interface TryAllOptions extends Omit<TryStreamOptions, 'surface' | 'mode'> {
  /** Called before each trial. */
  onTrial: (what: string) => void;
}

/** Tries every mode on every surface, one after another. @throws the signal's reason when it aborts */
export async function tryAll({ onTrial, ...options }: TryAllOptions): Promise<Trial[]> {
  const trials: Trial[] = [];
  const inAll = surfaceIds.length * progressModeIds.length;
  for (const [at, surface] of surfaceIds.entries()) {
    for (const [index, mode] of progressModeIds.entries()) {
      const number = at * progressModeIds.length + index + 1;
      onTrial(`${surfaces[surface].path}, ${progressModes[mode].name} (${number} of ${inAll})`);
      const trial = await tryStream({ ...options, surface, mode });
      trials.push(trial);
      // What a surface cannot do in silence, it can do in no other mode.
      if (mode === 'silent' && trial.outcome !== 'answered') break;
    }
  }
  return trials;
}
