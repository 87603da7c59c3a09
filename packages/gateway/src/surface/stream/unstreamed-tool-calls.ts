import type { DoneEvent, TokenEvent } from '@headway/protocol';

/**
 * Finds the tool calls that no token event carried, such as a call without arguments: only the `done` event has them.
 */
export class UnstreamedToolCalls {
  /** The calls that tokens carried, by choice and index of the call. */
  readonly #streamed = new Set<string>();

  add({ index, toolCall }: TokenEvent): void {
    if (toolCall) this.#streamed.add(`${index}:${toolCall.index}`);
  }

  /** Each such call as a token event with a count of 0. */
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
      .filter(({ toolCall }) => !this.#streamed.has(`${index}:${toolCall?.index}`));
  }
}
