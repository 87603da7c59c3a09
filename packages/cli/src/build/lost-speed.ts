import type { DecodeTrial, ModelInfo } from '@headway/protocol';

/** Two counts of threads whose decode steps show that threads bring less than they could. */
export interface LostSpeed {
  model: string;
  fewer: DecodeTrial;
  more: DecodeTrial;
}

/** Threads that reach this share of what they could bring lose nothing to speak of. */
const nearlyAll = 0.8;

/** More threads that take longer than this are held up by other programs, whatever the binary. */
const heldUp = 1.2;

/** Making threads takes no longer than this for each step, in ms. Of longer steps memory or shared cores take the rest. */
const mostLostMs = 5;

/**
 * The first model, computed by the prebuilt binary on the CPU, for which threads decode clearly slower than they could, as
 * measured when it was loaded. That binary makes its threads anew for each step, which costs most where a step is
 * short. Null where nothing shows it: threads bring what they can, were not measured, or were held up.
 */
export function lostSpeed(
  models: readonly Pick<ModelInfo, 'id' | 'binary' | 'device' | 'decodeTrials'>[],
): LostSpeed | null {
  for (const { id, binary, device, decodeTrials = [] } of models) {
    const [fewer, more] = decodeTrials;
    if (binary !== 'prebuilt' || device !== 'cpu' || !fewer || !more) continue;
    const lostMs = more.ms - (fewer.ms * fewer.threads) / more.threads;
    const share = (fewer.ms * fewer.threads) / (more.ms * more.threads);
    if (share < nearlyAll && lostMs <= mostLostMs && more.ms <= fewer.ms * heldUp) return { model: id, fewer, more };
  }
  return null;
}
