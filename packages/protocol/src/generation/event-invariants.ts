import type { GenerationEvent } from '../schema/events/event.ts';
import { SpanInvariants } from './span-invariants.ts';
import { endsStream, isTerminal } from './terminal-event.ts';

/**
 * Checks all events of one generation against the invariants of the wire contract; empty when all of them hold. For
 * tests of engines, gateways and readers. `merged` streams may have gaps in `seq`. `maxTokens` is the request's limit
 * for each choice.
 */
export function invariantViolations(
  events: readonly GenerationEvent[],
  { merged = false, maxTokens = Number.POSITIVE_INFINITY } = {},
): string[] {
  const violations: string[] = [];
  const require = (holds: boolean, at: number, rule: string) => {
    if (!holds) violations.push(`event ${at}: ${rule}`);
  };
  let seq = -1;
  let prefill: { processed: number; cached: number; total: number; estimated: boolean } | null = null;
  let loaded = 0;
  let anyToken = false;
  const spans = new SpanInvariants({ merged });
  const written = new Map<number, number>();
  const over = new Set<number>();

  events.forEach((event, at) => {
    require(merged ? event.seq > seq : event.seq === seq + 1, at, `seq ${event.seq} after ${seq}`);
    seq = event.seq;
    if (at === 0) require('id' in event && event.id !== undefined, at, 'the first event carries the id');
    // The prompt is that of all choices: it is read on when choice 0 was cancelled.
    const ofPrompt = event.type === 'prefill' || event.type === 'span';
    require(ofPrompt || !over.has(event.index), at, `choice ${event.index} has ended`);
    switch (event.type) {
      case 'prefill': {
        spans.prefill(event);
        require(!anyToken, at, 'no prefill after the first token');
        require(event.index === 0, at, 'prefill comes at index 0');
        require(event.queuePosition === null || event.phase === 'queued', at, 'a queue position while queued only');
        const { processed, cached, total } = event;
        require(event.loaded === undefined || event.phase === 'loading', at, 'a loaded share in loading only');
        if (event.phase === 'loading') {
          require((event.loaded ?? loaded) >= loaded, at, 'the loaded share never decreases');
          loaded = event.loaded ?? loaded;
          require(processed === null && cached === null && total === null, at, 'loading knows no tokens');
          break;
        }
        if (processed === null || cached === null || total === null) {
          require(false, at, 'tokens are null in loading only');
          break;
        }
        if (event.phase !== 'prefill') {
          require(prefill === null, at, 'not queued again after the prefill began');
          break;
        }
        require(cached <= processed && processed <= total, at, `${cached} ≤ ${processed} ≤ ${total}`);
        require(cached < total, at, 'cached < total');
        if (prefill) {
          require(processed >= prefill.processed, at, 'processed never decreases');
          require(cached === prefill.cached && total === prefill.total, at, 'cached and total stay');
        } else if (!merged) {
          require(processed === cached, at, 'the first prefill event has processed = cached');
        }
        prefill = { processed, cached, total, estimated: event.estimated };
        break;
      }
      case 'span':
        for (const rule of spans.span(event)) require(false, at, rule);
        break;
      case 'token':
        for (const rule of spans.token()) require(false, at, rule);
        if (!anyToken)
          require(prefill !== null &&
            prefill.processed === prefill.total, at, 'the prompt is read before the first token');
        anyToken = true;
        written.set(event.index, (written.get(event.index) ?? 0) + event.count);
        require(event.completionTokens === written.get(event.index), at, 'completionTokens is the sum of the counts');
        break;
      case 'done':
      case 'error':
        over.add(event.index);
        require(event.usage.completionTokens ===
          (written.get(event.index) ?? 0), at, 'the counts sum to usage.completionTokens');
        if (event.type === 'done' && event.finishReason !== 'cancelled') {
          for (const rule of spans.token()) require(false, at, rule);
          require(prefill !== null &&
            prefill.processed === prefill.total, at, 'an answer ends after the prompt was read');
        }
        require(prefill?.estimated === true ||
          event.usage.promptTokens === (prefill?.processed ?? 0), at, 'usage.promptTokens is what was read');
        require((event.usage.promptTotal ?? 0) >= event.usage.promptTokens, at, 'no more is read than there is');
        require((written.get(event.index) ?? 0) <= maxTokens, at, 'no more tokens than were asked for');
        require(endsStream(event) === (at === events.length - 1), at, 'remaining is 0 at the last event only');
        break;
      default:
        event satisfies never;
    }
  });
  const last = events.at(-1);
  if (!last || !isTerminal(last)) violations.push('the stream has no terminal event at its end');
  return violations;
}
