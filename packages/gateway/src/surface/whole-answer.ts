import {
  ChoiceCollector,
  endsStream,
  HeadwayError,
  type GenerationEvent,
  type GenerationResult,
} from '@headway/protocol';

/** Memory for one answer that is told in one body: ten thousand tokens with the twenty likeliest, or millions without. */
const mostBytes = 64 * 1024 * 1024;

/** Of one log-probability, as an estimate. */
const logprobBytes = 150;

/**
 * Reads a generation to its end, for those who get it in one piece; null when the view was left before.
 *
 * @throws HeadwayError by which a choice ended; `generation-timeout` when it grows too large
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
        `the answer is larger than the ${most} bytes that are kept for one body; stream it, or ask for fewer tokens`,
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
