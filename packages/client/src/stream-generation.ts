import {
  captureProgress,
  createGenerationId,
  HeadwayError,
  LiveGeneration,
  maxBodyBytes,
  OpenChoices,
  toHeadwayError,
  type GenerateInput,
  type GenerateProgress,
  type Generation,
  type GenerationEvent,
} from '@headway/protocol';

import type { Connection } from './connection.ts';

export interface StreamOptions extends GenerateProgress {
  signal?: AbortSignal | undefined;
  /** The connection to start on. @throws HeadwayError when there can be none */
  connect: () => Connection;
}

/** Starts a generation on the gateway. Never throws: what goes wrong is the generation's `error` event. */
export function streamGeneration(input: GenerateInput, { signal, connect, ...progress }: StreamOptions): Generation {
  const id = input?.id ?? createGenerationId();
  const choices = new OpenChoices(id, choiceCount(input?.choices));
  const { report, refusal } = prepare(input, progress);
  const generation = new LiveGeneration({ id, onCancel: () => void cancel(), ...(report && { onEvent: report }) });
  let connection: Connection | null = null;
  let stream: { stop: () => void } | null = null;

  function push(event: GenerationEvent): void {
    if (!isKnown(event)) return;
    choices.add(event);
    generation.push(event);
  }

  function fail(error: HeadwayError): void {
    stream?.stop();
    if (generation.over) return;
    if (choices.begun) choices.fail(error).forEach(push);
    else generation.refuse(error);
  }

  function onEnd(error: HeadwayError | null): void {
    if (generation.over) return;
    // A gateway that does not keep generations cannot resume one: to the caller its connection is lost.
    const resumeRefused = choices.begun && error?.code === 'generation-not-found';
    if (error && !resumeRefused) return fail(error);
    fail(new HeadwayError('connection-lost', 'the stream ended before the generation did', { cause: error }));
  }

  async function cancel(): Promise<void> {
    // A name that the caller chose may be another generation's until an event of this one has come.
    const named = choices.begun || input.id === undefined;
    try {
      // The gateway then ends the stream with `cancelled`, usage and timings, or has ended it already.
      if (named && connection?.opened && ((await connection.cancel(id)) || choices.begun)) return;
    } catch (thrown) {
      return fail(toHeadwayError(thrown));
    }
    if (generation.over) return;
    // The engine does not have it yet and will not get it, or ends it with the subscription.
    stream?.stop();
    choices.cancel().forEach(push);
  }

  function onAbort(): void {
    void generation.cancel();
  }

  if (refusal) {
    fail(refusal);
  } else if (signal?.aborted) {
    onAbort();
  } else {
    signal?.addEventListener('abort', onAbort);
    void generation.ended.then(() => signal?.removeEventListener('abort', onAbort));
    try {
      connection = connect();
      stream = connection.generate({ ...input, id }, { onEvent: push, onEnd });
    } catch (thrown) {
      fail(toHeadwayError(thrown));
    }
  }
  return generation;
}

/** What can be told before anything is sent. */
function prepare(input: GenerateInput, progress: GenerateProgress) {
  let report: ReturnType<typeof captureProgress> = null;
  try {
    // First, so that a hook hears of a refusal too.
    report = captureProgress(progress, completionBound(input));
    checkSize(input);
    return { report, refusal: null };
  } catch (thrown) {
    return { report, refusal: toHeadwayError(thrown, 'invalid-request') };
  }
}

/** Tokens that all choices together may have, as far as an unchecked request tells. */
function completionBound(input: GenerateInput): number | undefined {
  const { maxTokens, choices } = input ?? {};
  return Number.isInteger(maxTokens) ? Number(maxTokens) * choiceCount(choices) : undefined;
}

/** A frame that is too big would cost every stream on the socket: it is not sent. */
function checkSize(input: GenerateInput): void {
  if (typeof input !== 'object' || input === null) {
    throw new HeadwayError('invalid-request', "the request must be an object, e.g. { prompt: 'Hello' }");
  }
  const bytes = new TextEncoder().encode(JSON.stringify(input)).length;
  if (bytes <= maxBodyBytes - frameBytes) return;
  throw new HeadwayError('invalid-request', `the request has ${bytes} bytes; a gateway takes at most ${maxBodyBytes}`);
}

/** For what tRPC puts around a request. */
const frameBytes = 1024;

/** What the gateway will count; one it refuses has no choices to end. */
function choiceCount(choices: number | undefined): number {
  return choices !== undefined && Number.isInteger(choices) && choices >= 1 && choices <= 8 ? choices : 1;
}

/** A newer gateway may send types that this client does not know. The rest of an event is trusted: parsing would cost more than the token. */
function isKnown(event: GenerationEvent): boolean {
  switch (event.type) {
    case 'prefill':
    case 'token':
    case 'done':
    case 'error':
      return true;
    default:
      event satisfies never;
      return false;
  }
}
