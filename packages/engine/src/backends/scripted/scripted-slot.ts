import {
  HeadwayError,
  mayCallTools,
  type GenerateRequest,
  type TokenChannel,
  type TokenLogprob,
  type ToolCall,
} from '@headway/protocol';

import type { DecodedPiece, DecodeEnd, DecodeOptions, PrefillPlan, Prompt, Slot } from '../../backend/backend.ts';
import type { Clock } from '../../timing/clock.ts';
import { createToolCallId } from '../../backend/create-tool-call-id.ts';
import { OutputLimiter } from '../../backend/output-limiter.ts';
import { prefillInChunks } from '../../backend/prefill-in-chunks.ts';
import { scriptedTokens, type Script, type ScriptedFault } from './script.ts';

export interface ScriptedPrompt extends Prompt {
  tokens: readonly string[];
  /** One per choice. The first one decides the speed of prefill. */
  scripts: readonly Script[];
}

/** A slot that takes the time in its script. It remembers tokens and reuses them as a real one does. */
export class ScriptedSlot implements Slot {
  readonly #clock: Clock;
  #memory: string[] = [];
  #evaluated = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get evaluated(): number {
    return this.#evaluated;
  }

  get held(): number {
    return this.#memory.length;
  }

  reusable(prompt: ScriptedPrompt): number {
    const most = Math.min(this.#memory.length, prompt.total - 1);
    let same = 0;
    while (same < most && this.#memory[same] === prompt.tokens[same]) same++;
    return same;
  }

  async forget(): Promise<void> {
    this.#memory.length = 0;
  }

  async prefill(prompt: ScriptedPrompt, plan: PrefillPlan): Promise<void> {
    plan.signal.throwIfAborted();
    const { total, prefillEnd, tokens } = prompt;
    const script = scriptOf(prompt, 0);
    const cached = this.reusable(prompt);
    this.#memory.length = cached;
    const read = async (from: number, to: number) => {
      await this.#strike(script.fault, 'prefill', to, plan.signal);
      // No signal: as in a real backend, a cancel takes effect after the current chunk.
      await this.#clock.sleep(((to - from) * 1000) / script.prefillTokensPerSecond);
      this.#evaluated += to - from;
      this.#memory.push(...tokens.slice(from, to));
    };
    await prefillInChunks({ cached, total, end: prefillEnd, read }, plan);
  }

  async copyFrom(other: ScriptedSlot): Promise<void> {
    this.#memory = [...other.#memory];
  }

  async decode(prompt: ScriptedPrompt, { choice, signal, maxTokens, onPiece }: DecodeOptions): Promise<DecodeEnd> {
    const { request } = prompt;
    const script = scriptOf(prompt, choice);
    this.#memory.push(...prompt.tokens.slice(this.#memory.length));
    const limiter = new OutputLimiter({ stop: request.stop, maxTokens, onPiece });
    const toolCalls = mayCallTools(request) ? script.toolCalls.map(withId) : [];
    const argumentsOf = new Map<ToolCall['id'], string>();
    let written = 0;
    try {
      for (const piece of pieces(script, toolCalls, request)) {
        if (limiter.end !== null || written >= maxTokens) break;
        await this.#strike(script.fault, 'decode', written + 1, signal);
        await this.#clock.sleep(1000 / script.decodeTokensPerSecond, signal);
        written++;
        this.#evaluated++;
        this.#memory.push(piece.text);
        limiter.push(piece);
        const { text, toolCall } = piece;
        if (toolCall) argumentsOf.set(toolCall.id, (argumentsOf.get(toolCall.id) ?? '') + text);
      }
    } finally {
      limiter.flush();
    }
    const end = limiter.end ?? (written >= maxTokens ? 'length' : null);
    if (end === null && toolCalls.length > 0) return { reason: 'tool-calls', toolCalls };
    const whole = toolCalls.filter((call) => argumentsOf.get(call.id) === call.arguments);
    return { reason: end ?? 'stop', stopString: limiter.stopString, toolCalls: whole };
  }

  async #strike(
    fault: ScriptedFault | null,
    phase: ScriptedFault['phase'],
    tokens: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (fault?.phase !== phase || tokens <= fault.afterTokens) return;
    if (fault.does === 'fail') throw new HeadwayError('internal', `the script failed in ${phase}`);
    await new Promise((_, reject) => {
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
}

function scriptOf({ scripts }: ScriptedPrompt, choice: number): Script {
  const script = scripts[choice];
  if (!script) throw new RangeError(`the prompt has no script for choice ${choice}`);
  return script;
}

function withId({ name, arguments: args }: Script['toolCalls'][number]): ToolCall {
  return { id: createToolCallId(), name, arguments: args };
}

function* pieces(
  { reasoning, reply }: Script,
  toolCalls: readonly ToolCall[],
  { ignoreEos, logprobs }: GenerateRequest,
): Generator<DecodedPiece> {
  const piece = (text: string, channel: TokenChannel): DecodedPiece => ({
    text,
    count: 1,
    channel,
    ...(logprobs !== undefined && { logprobs: [certain(text)] }),
  });
  for (const text of scriptedTokens(reasoning)) yield piece(text, 'reasoning');
  do {
    for (const text of scriptedTokens(reply)) yield piece(text, 'content');
  } while (ignoreEos && reply !== '');
  for (const [index, { id, name, arguments: args }] of toolCalls.entries()) {
    for (const text of scriptedTokens(args)) yield { ...piece(text, 'tool-call'), toolCall: { index, id, name } };
  }
}

/** Log-probability 0 and no alternatives: a script has only one next token. */
function certain(token: string): TokenLogprob {
  return { token, bytes: [...Buffer.from(token)], logprob: 0, top: [] };
}
