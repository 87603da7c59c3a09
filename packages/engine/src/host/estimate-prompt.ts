import type { Estimate, GenerateRequest } from '@headway/protocol';

import type { HostedModel } from './hosted-model.ts';

export interface EstimateOptions {
  model: HostedModel;
  request: GenerateRequest;
  /** For whom: what another owner left in a slot counts for nothing. */
  owner: string;
  signal: AbortSignal;
}

/**
 * What a request would meet if it came now. Renders and tokenises it, and starts nothing.
 *
 * @throws HeadwayError what the request would be refused with; the signal's reason when it aborts
 */
export async function estimatePrompt({ model, request, owner, signal }: EstimateOptions): Promise<Estimate> {
  const open = await model.untilOpen('estimate', signal);
  const { prompt } = await model.prepare('estimate', request, open, { owner, signal });
  const { pool, timeToGo } = open;
  const { cached, queuePosition } = pool.outlook(prompt, owner);
  const tokens = prompt.total;
  const { prefillMs, timeToFirstTokenMs } = timeToGo.ofNewcomer({ tokens, cached });
  return {
    model: model.backend.modelId,
    tokens,
    cached,
    queuePosition,
    prefillMs,
    timeToFirstTokenMs: queuePosition === null ? timeToFirstTokenMs : null,
  };
}
