import type { DoneEvent, TokenEvent } from '@headway/protocol';

/** The calls of an answer of which no token told, such as one without arguments: only its end has them. */
export class UnstreamedToolCalls {
  /** By choice and index of the call. */
  readonly #told = new Set<string>();

  add({ index, toolCall }: TokenEvent): void {
    if (toolCall) this.#told.add(`${index}:${toolCall.index}`);
  }

  /** Each as one more token, of which the count is 0. */
  of({ seq, index, usage, timings, toolCalls }: DoneEvent): TokenEvent[] {
    return toolCalls
      .map(({ id, name, arguments: text }, at): TokenEvent => ({
        type: 'token',
        seq,
        index,
        text,
        count: 0,
        completionTokens: usage.completionTokens,
        tokensPerSecond: timings.decodeTokensPerSecond ?? 0,
        channel: 'tool-call',
        toolCall: { index: at, id, name },
      }))
      .filter(({ toolCall }) => !this.#told.has(`${index}:${toolCall?.index}`));
  }
}
