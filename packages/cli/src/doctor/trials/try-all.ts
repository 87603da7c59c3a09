import { progressDialectIds, progressDialects } from '../streams/progress-dialects.ts';
import { surfaceIds, surfaces } from '../streams/surfaces.ts';
import { tryStream, type Trial, type TryStreamOptions } from './try-stream.ts';

export interface TryAllOptions extends Omit<TryStreamOptions, 'surface' | 'dialect'> {
  /** Called before each trial. */
  onTrial: (what: string) => void;
}

/** Tries every progress dialect on every surface, one after another. @throws the signal's reason when it aborts */
export async function tryAll({ onTrial, ...options }: TryAllOptions): Promise<Trial[]> {
  const trials: Trial[] = [];
  const inAll = surfaceIds.length * progressDialectIds.length;
  for (const [at, surface] of surfaceIds.entries()) {
    for (const [index, dialect] of progressDialectIds.entries()) {
      const number = at * progressDialectIds.length + index + 1;
      onTrial(`${surfaces[surface].path}, ${progressDialects[dialect].name} (${number} of ${inAll})`);
      const trial = await tryStream({ ...options, surface, dialect });
      trials.push(trial);
      // A surface that fails without progress fails in every dialect.
      if (dialect === 'silent' && trial.outcome !== 'answered') break;
    }
  }
  return trials;
}
