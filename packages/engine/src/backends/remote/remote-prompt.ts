import type { GenerateRequest } from '@headway/protocol';

import type { Prompt, PromptOutlook } from '../../backend/backend.ts';
import type { PromptSpan } from '../../spans/prompt-span.ts';
import type { ChoiceStream } from './choice-stream.ts';
import type { PrefixBlocks } from './estimate/prefix-blocks.ts';
import type { CharacterCounts } from './estimate/token-guess.ts';

/** A request on its way to an upstream. */
export interface RemotePrompt extends Prompt {
  readonly owner: string;
  /** Hashes of the prompt's beginning; empty where it shall meet no cached prompt. */
  readonly blocks: PrefixBlocks;
  /** Characters of the text. */
  readonly characters: number;
  readonly characterCounts: CharacterCounts;
  /** The request's spans by their shares of the characters. */
  readonly shares: readonly PromptSpan[] | undefined;
  /** The same while it is at an upstream that does not tell them itself. */
  spans: readonly PromptSpan[] | undefined;
  /** The upstream's own forecast, where it makes one. */
  readonly outlook: PromptOutlook | null;
  /** One for each choice, from the first token on; null before. */
  streams: readonly ChoiceStream[] | null;
}

/** The text of a request, by which prompts that begin alike are found and tokens are guessed. */
export function textOf({ prompt, messages, tools, chatTemplateKwargs }: GenerateRequest): string {
  if (prompt !== undefined) return prompt;
  // Chat templates put tools before the conversation.
  const before = tools || chatTemplateKwargs ? JSON.stringify([tools ?? [], chatTemplateKwargs ?? {}]) : '';
  return `${before}${(messages ?? []).map((message) => JSON.stringify(message)).join('\n')}`;
}
