import type { DoneEvent, GenerationEvent, PrefillEvent, TokenEvent } from '@headway/protocol';

import type { DecodedPiece, DecodeEnd } from '../../../../backend/backend.ts';
import type { AnswerReader, StreamItem, UpstreamSignal } from '../../stream/upstream-signal.ts';

/** Reads Headway's own events. Events of types that it does not know say nothing. */
export class EventReader implements AnswerReader {
  *read(item: StreamItem): Generator<UpstreamSignal> {
    if (item.kind === 'comment') return;
    const data: unknown = JSON.parse(item.data);
    // The stream is closed although the generation goes on.
    if (item.name === 'closed') yield { type: 'failed', said: data };
    else yield* signalsOf(data as GenerationEvent);
  }
}

function* signalsOf(event: GenerationEvent): Generator<UpstreamSignal> {
  switch (event.type) {
    case 'prefill':
      if (event.leftOut) yield { type: 'left-out', leftOut: event.leftOut };
      yield standing(event);
      return;
    case 'span': {
      const { type: _type, seq: _seq, index: _index, ...span } = event;
      yield { type: 'span', span };
      return;
    }
    case 'token':
      yield { type: 'piece', choice: event.index, piece: pieceOf(event) };
      return;
    case 'done':
      yield* ended(event);
      if (event.remaining === 0) yield { type: 'end' };
      return;
    case 'error':
      yield { type: 'choice-failed', choice: event.index, said: event };
      if (event.remaining === 0) yield { type: 'end' };
      return;
    default:
      event satisfies never;
  }
}

function standing(event: PrefillEvent): UpstreamSignal {
  const { phase, queuePosition: position, processed, cached, total, etaMs, waiting, estimated } = event;
  const { loaded = null } = event as PrefillEvent & { loaded?: number };
  if (phase === 'loading' || processed === null || cached === null || total === null)
    return { type: 'loading', loaded };
  if (phase === 'queued') return { type: 'queued', position, cached, total };
  return { type: 'progress', processed, cached, total, etaMs, estimated, ...(waiting && { ahead: waiting.ahead }) };
}

function pieceOf({ text, count, channel, toolCall, logprobs }: TokenEvent): DecodedPiece {
  return { text, count, channel, ...(toolCall && { toolCall }), ...(logprobs && { logprobs }) };
}

function* ended(event: DoneEvent): Generator<UpstreamSignal> {
  const { index: choice, finishReason: reason, usage } = event;
  if (reason === 'cancelled') {
    yield { type: 'choice-failed', choice, said: { message: 'somebody else cancelled the generation there' } };
    return;
  }
  const { stopString, toolCalls, leftOut, fitsSchema, misfits, timings } = event;
  const end: DecodeEnd = {
    reason,
    toolCalls,
    ...(stopString !== undefined && { stopString }),
    told: {
      ...(leftOut && { leftOut }),
      ...(fitsSchema !== undefined && { fitsSchema }),
      ...(misfits && { misfits }),
      ...(timings.speculation && { speculation: timings.speculation }),
    },
  };
  yield { type: 'choice-end', choice, end };
  const { promptTokens, cachedTokens, completionTokens } = usage;
  yield { type: 'usage', usage: { promptTokens, cachedTokens, completionTokens, choice, last: true } };
}
