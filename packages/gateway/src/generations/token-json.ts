import type { TokenEvent } from '@headway/protocol';

/** A character that JSON escapes, or that is not ASCII. */
const special = /[^ !#-[\]-~]/;

/** The fields of every token event, and those that few have. */
type UsualField = 'type' | 'seq' | 'index' | 'text' | 'count' | 'completionTokens' | 'tokensPerSecond' | 'channel';
type RareField = 'toolCall' | 'logprobs';

/** `never`, so that nothing compiles, once the event has a field that `plainTokenJson` does not know. */
type KnownToken = Exclude<keyof TokenEvent, UsualField | RareField> extends never ? TokenEvent : never;

/**
 * The same as `JSON.stringify` in half the time, for an event with the usual fields alone and a text that JSON leaves as
 * it is. Null for others. The JSON is ASCII.
 */
export function plainTokenJson(event: KnownToken): string | null {
  const { seq, index, text, count, completionTokens, tokensPerSecond, channel, toolCall, logprobs } = event;
  if (toolCall || logprobs || special.test(text)) return null;
  return (
    `{"type":"token","seq":${seq},"index":${index},"text":"${text}","count":${count},` +
    `"completionTokens":${completionTokens},"tokensPerSecond":${tokensPerSecond},"channel":"${channel}"}`
  );
}
