import { contextOverflow, HeadwayError } from '@headway/protocol';

/** An upstream's error in its own words. */
export interface Said {
  message: string;
  type?: string;
  code?: unknown;
  promptTokens?: number;
  contextSize?: number;
}

/**
 * The overflow of llama-server (`exceed_context_size_error`), vLLM ("maximum context length is 4096 tokens. … 5000 input
 * tokens"), SGLang ("The input (5000 tokens) is longer than the model's context length (4096 tokens)"), OpenAI
 * (`context_length_exceeded`), LM Studio ("greater than the context length") and Ollama ("exceeds the context length").
 */
export function readOverflow({ message, type, code, promptTokens, contextSize }: Said): HeadwayError | null {
  if (promptTokens !== undefined && contextSize !== undefined) return contextOverflow(promptTokens, contextSize);
  const told = type === 'exceed_context_size_error' || code === 'context_length_exceeded';
  if (!told && !/(maximum|model's|available|than the|exceeds the) context (length|size)/i.test(message)) return null;
  const context = numberIn(/context (?:length|size)(?: is)? \(?(\d+)/i, message);
  const prompt =
    numberIn(
      /(\d+) (?:input|prompt) tokens|(?:input|request) \((\d+) tokens\)|in the messages.{0,40}?(\d+) tokens/i,
      message,
    ) ?? numberIn(/requested (\d+) tokens/i, message);
  if (context !== null && prompt !== null && prompt > context) return contextOverflow(prompt, context);
  return new HeadwayError(
    'context-overflow',
    `the prompt and the answer do not fit the upstream's context: ${message}`,
  );
}

function numberIn(pattern: RegExp, text: string): number | null {
  const [, ...groups] = pattern.exec(text) ?? [];
  const found = groups.find((group) => group !== undefined);
  return found === undefined ? null : Number(found);
}
