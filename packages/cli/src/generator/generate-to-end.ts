import { errorFromData, HeadwayError, type DoneEvent } from '@headway/protocol';

import type { TextGenerator } from './text-generator.ts';

/** Writes `maxTokens` tokens after `prompt`, always the likeliest. @throws HeadwayError what ended it; the signal's reason */
export async function generateToEnd(
  generator: Pick<TextGenerator, 'generate'>,
  prompt: string,
  { maxTokens, signal }: { maxTokens: number; signal: AbortSignal },
): Promise<DoneEvent> {
  const generation = generator.generate({ prompt, maxTokens, ignoreEos: true, temperature: 0 }, { signal });
  for await (const event of generation) {
    if (event.type === 'error') throw errorFromData(event);
    if (event.type !== 'done') continue;
    signal.throwIfAborted();
    return event;
  }
  throw new HeadwayError('internal', 'the generation ended without a done or error event');
}
