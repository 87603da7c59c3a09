import { HeadwayError } from '@headway/protocol';

import type { DecodeEnd, DecodeOptions, PrefillPlan, Slot } from '../../backend/backend.ts';
import type { Clock } from '../../timing/clock.ts';
import type { Place, PlaceOutcome } from './pool/pool-member.ts';
import type { UpstreamPool } from './pool/upstream-pool.ts';
import type { RemotePrompt } from './remote-prompt.ts';
import { answerCall } from './run/answer-call.ts';
import { UpstreamRun, type ChoiceCall } from './run/upstream-run.ts';
import { UpstreamFailure } from './http/upstream-error.ts';
import type { Upstream } from './upstream.ts';

export interface RemoteSlotOptions {
  pool: UpstreamPool<Upstream>;
  clock: Clock;
  silenceMs: number;
}

const ignore = () => undefined;

/** How long an upstream rests that asks to wait and does not say how long, or that loads its model, in ms. */
const restMs = 1000;
/** How often a request waits for an upstream that takes no more requests for the time being. */
const mostWaits = 5;

/**
 * A permit for one choice at any upstream of a pool. It holds no memory: what upstreams have cached, they decide. The
 * first slot of a request opens the run, which the slots of its other choices share.
 */
export class RemoteSlot implements Slot {
  readonly #options: RemoteSlotOptions;
  #evaluated = 0;

  constructor(options: RemoteSlotOptions) {
    this.#options = options;
  }

  get evaluated(): number {
    return this.#evaluated;
  }

  readonly held = 0;

  reusable(): number {
    return 0;
  }

  async forget(): Promise<void> {}

  async copyFrom(): Promise<void> {}

  /**
   * Sends the request to the upstream that suits it best, and to another one if that fails before the first token.
   *
   * @throws HeadwayError the upstream's failure or refusal; the signal's reason
   */
  async prefill(prompt: RemotePrompt, plan: PrefillPlan): Promise<void> {
    const { signal } = plan;
    const tried = new Set<Upstream>();
    let failed: HeadwayError | null = null;
    for (let waits = 0; ;) {
      const place = await this.#place(prompt, signal, tried).catch((thrown: unknown) => {
        signal.throwIfAborted();
        throw failed ?? thrown;
      });
      try {
        const run = this.#start(prompt, place, plan);
        await run.untilFirstToken();
        place.read();
        prompt.streams = run.choices;
        return;
      } catch (thrown) {
        signal.throwIfAborted();
        const failure = thrown instanceof UpstreamFailure ? thrown : null;
        if (!failure) throw thrown;
        // A wrong key or model is the fault of one upstream, too; the others may have the right one.
        if (failure.fault === 'request') throw failure.error;
        failed = failure.error;
        if (failure.fault !== 'wait') tried.add(place.member);
        else if (++waits > mostWaits) throw failure.error;
        else plan.onReport?.({ phase: 'queued', position: null });
      }
    }
  }

  async decode(prompt: RemotePrompt, { choice, signal, onPiece }: DecodeOptions): Promise<DecodeEnd> {
    const stream = prompt.streams?.[choice];
    if (!stream) throw new Error('decode before prefill');
    return stream.read((piece) => {
      this.#evaluated += piece.count;
      onPiece(piece);
    }, signal);
  }

  #place(prompt: RemotePrompt, signal: AbortSignal, avoid: ReadonlySet<Upstream>): Promise<Place<Upstream>> {
    const { blocks, total: tokens, request } = prompt;
    return this.#options.pool.place({ tokens, blocks, places: request.choices, avoid, signal });
  }

  /** Whether another upstream could take the request now. */
  #hasOther({ name }: Upstream, places: number): boolean {
    return this.#options.pool
      .status()
      .some((one) => one.name !== name && one.state === 'up' && one.concurrency - one.running >= places);
  }

  #start(
    prompt: RemotePrompt,
    place: Place<Upstream>,
    { signal, signalOf = () => signal, onReport = ignore, onSpan = ignore, onLeftOut = ignore }: PrefillPlan,
  ): UpstreamRun {
    const { clock, silenceMs } = this.#options;
    const { member: upstream } = place;
    prompt.spans = upstream.dialect?.tellsSpans ? undefined : prompt.shares;
    try {
      return new UpstreamRun({
        upstream,
        prompt,
        calls: callsOf(prompt, upstream, (choice) => !signalOf(choice).aborted),
        clock,
        signal,
        signalOf,
        silenceMs,
        onReport,
        onSpan,
        onLeftOut,
        mayMove: () => this.#hasOther(upstream, prompt.request.choices),
        onOver: (failure) => place.end(outcomeOf(failure, signal)),
      });
    } catch (thrown) {
      place.end({ refused: true });
      throw thrown;
    }
  }
}

/**
 * The requests for the choices that are wanted.
 *
 * @throws HeadwayError `invalid-request` naming a field that the server does not have
 */
function callsOf(
  { request, owner, total, guessed }: RemotePrompt,
  { dialect, context, model, facts }: Upstream,
  isWanted: (choice: number) => boolean,
): ChoiceCall[] {
  if (!dialect) throw new HeadwayError('internal', 'an upstream that never answered got a request');
  const { contextSize = null } = facts ?? {};
  const room = contextSize === null || guessed ? null : Math.max(1, contextSize - total);
  const to = { dialect, context, owner, room };
  if (request.prompt !== undefined && !dialect.rawPrompts) {
    throw new HeadwayError(
      'invalid-request',
      `prompt: ${dialect.name}, which runs ${model}, continues no raw text; send \`messages\` instead`,
    );
  }
  const all = Array.from({ length: request.choices }, (_, index) => index);
  if (all.length === 1 || dialect.severalAnswers) {
    return [{ call: answerCall(request, { first: 0, count: all.length }, to), choices: all }];
  }
  return all
    .filter(isWanted)
    .map((first) => ({ call: answerCall(request, { first, count: 1 }, to), choices: [first] }));
}

function outcomeOf(failure: UpstreamFailure | null, signal: AbortSignal): PlaceOutcome {
  if (signal.aborted) return { cancelled: true };
  if (!failure) return { ok: true };
  const { fault, error, retryAfterMs } = failure;
  if (fault === 'request') return { refused: true };
  // One that loads its model is left alone for a moment, and is not taken for broken.
  const rests = fault === 'wait' || fault === 'loading';
  return { failed: error, ...(rests && { retryAfterMs: retryAfterMs ?? restMs }) };
}
