import type { Estimate, GenerateRequest } from '@headway/protocol';

import type { Prompt } from '../backend/backend.ts';
import { spanReadings } from '../spans/span-readings.ts';
import type { HostedModel } from './hosted-model.ts';

export interface EstimateOptions {
  model: HostedModel;
  request: GenerateRequest;
  /** The request's owner. Tokens that another owner left in a slot do not count as cached. */
  owner: string;
  signal: AbortSignal;
}

/**
 * What a request would find if it were sent now. Renders and tokenises it; starts nothing.
 *
 * @throws HeadwayError the error that would refuse the request; the signal's reason when it aborts
 */
export async function estimatePrompt({ model, request, owner, signal }: EstimateOptions): Promise<Estimate> {
  const open = await model.untilOpen('estimate', signal);
  const { prompt } = await model.prepare('estimate', request, open, { owner, signal });
  const { pool, planner } = open;
  const { cached, queuePosition } = pool.outlook(prompt, owner);
  const tokens = prompt.total;
  const remote = open.loaded.outlook?.(prompt);
  if (remote) {
    const { prefillMs, timeToFirstTokenMs = prefillMs } = remote;
    // Whoever waits here waits there afterwards.
    const position = queuePosition ?? remote.queuePosition ?? null;
    return {
      model: model.backend.modelId,
      tokens,
      cached: remote.cached,
      queuePosition: position,
      prefillMs,
      timeToFirstTokenMs: position === null ? timeToFirstTokenMs : null,
      ...spansOf(prompt, remote.cached, remote.spans),
    };
  }
  const { prefillMs, timeToFirstTokenMs } = planner.forNewPrompt({ tokens, end: prompt.prefillEnd, cached });
  return {
    model: model.backend.modelId,
    tokens,
    cached,
    queuePosition,
    prefillMs,
    timeToFirstTokenMs: queuePosition === null ? timeToFirstTokenMs : null,
    ...spansOf(prompt, cached),
  };
}

/** `told`: what a remote server says itself. */
function spansOf({ spans, total }: Prompt, cached: number, told?: Estimate['spans']): Pick<Estimate, 'spans'> {
  if (told || !spans) return told ? { spans: told } : {};
  const readings = spanReadings(spans, { processed: cached, cached, total });
  return {
    spans: readings.map(({ name, total: tokens, cached: reused, estimated }) => ({
      name,
      tokens,
      cached: reused,
      ...(estimated && { estimated }),
    })),
  };
}
