import {
  ChoiceCollector,
  endsStream,
  HeadwayError,
  type GenerationEvent,
  type GenerationResult,
} from '@headway/protocol';

/** The most memory for an unstreamed answer: ten thousand tokens with 20 alternatives each, or millions without. */
const mostBytes = 64 * 1024 * 1024;

/** An estimate of the memory for one log-probability. */
const logprobBytes = 150;

/**
 * Reads a generation to its end, for an unstreamed answer; null if the view is closed before the end.
 *
 * @throws HeadwayError the error that ended a choice; `generation-timeout` when the answer grows too large
 */
export async function wholeAnswer(
  id: string,
  events: AsyncIterable<GenerationEvent>,
  most = mostBytes,
): Promise<GenerationResult | null> {
  const collector = new ChoiceCollector();
  let bytes = 0;
  for await (const event of events) {
    bytes += bytesOf(event);
    if (bytes > most) {
      throw new HeadwayError(
        'generation-timeout',
        `the answer is larger than ${most} bytes, the limit without streaming; stream it, or ask for fewer tokens`,
      );
    }
    collector.add(event);
    if (!endsStream(event)) continue;
    const choices = collector.results();
    return { id, ...choices[0], choices };
  }
  return null;
}

function bytesOf(event: GenerationEvent): number {
  if (event.type !== 'token') return 0;
  let bytes = 2 * event.text.length;
  for (const { top } of event.logprobs ?? []) bytes += logprobBytes * (1 + top.length);
  return bytes;
}
