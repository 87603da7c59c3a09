import { isHeadwayError } from '@headway/protocol';

import { chosenCompute, type ComputeFlags } from '../../options/compute-options.ts';

/** What fields about computing contradict in each other; null if nothing. */
export function computeFault(fields: ComputeFlags): string | null {
  try {
    chosenCompute(fields);
    return null;
  } catch (thrown) {
    if (!isHeadwayError(thrown)) throw thrown;
    const [issue] = thrown.issues;
    // The flags' names become the fields'.
    const message = issue?.message ?? thrown.message;
    return message.replace('--flash-attn off', 'flashAttn: off').replace('--kv-type ', 'kvType: ');
  }
}
