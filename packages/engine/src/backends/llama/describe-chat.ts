import { generateRequest, HeadwayError } from '@headway/protocol';
import { readGgufFileInfo } from 'node-llama-cpp';

import type { CallForm } from './calls/form/call-form.ts';
import { describeLoadFailure } from './model/load-failure.ts';
import { ownCallForm } from './prompt/answer-form.ts';
import { ChatTemplate } from './prompt/template/chat-template.ts';
import { fallbackTemplate } from './prompt/template/fallback-template.ts';
import { renderWith } from './prompt/open-chat.ts';
import { templateAbilities } from './prompt/template/template-abilities.ts';
import { thoughtMarks } from './prompt/template/thought-marks.ts';

/** A model's chat abilities, by its GGUF file. */
export interface ChatAbilities {
  /** Whether the file has a chat template that parses. Chat models have one. */
  template: boolean;
  /** Why the template does not parse; null when it does, or there is none. */
  fault: string | null;
  /** The prompt for the message "Hello", without the beginning-of-text token. */
  sample: string;
  /** Whether the template can render thoughts. */
  thinking: boolean;
  /** Fields of `chatTemplateKwargs` that switch or weigh thinking; empty when the template has none. */
  switches: string[];
  /** How the template writes a tool call; null when it writes none, or in a form that Headway does not know. */
  calls: CallForm | null;
}

/** Names that published templates use. */
const knownSwitches = ['enable_thinking', 'thinking', 'reasoning_effort', 'thinking_budget'];

const hello = generateRequest.parse({ messages: [{ role: 'user', content: 'Hello' }] });

/**
 * Reads the abilities from the file's head.
 *
 * @throws HeadwayError `model-load-failed`
 */
export async function describeChat(path: string): Promise<ChatAbilities> {
  try {
    const { metadata } = await readGgufFileInfo(path, { sourceType: 'filesystem', logWarnings: false });
    const own: unknown = metadata.tokenizer?.chat_template;
    const source = typeof own === 'string' ? own : '';
    const tokens: unknown = metadata.tokenizer?.ggml?.tokens;
    const { template, fault } = open(source, Array.isArray(tokens) ? tokens.map(String) : []);
    return {
      template: source !== '' && fault === null,
      fault,
      sample: renderWith({ template, abilities: templateAbilities(template) }, hello),
      thinking: thoughtMarks(template.source) !== null,
      switches: knownSwitches.filter((name) => new RegExp(`\\b${name}\\b`).test(template.source)),
      calls: ownCallForm(template),
    };
  } catch (thrown) {
    throw new HeadwayError('model-load-failed', describeLoadFailure(path, thrown, []), { cause: thrown });
  }
}

function open(source: string, vocabulary: readonly string[]): { template: ChatTemplate; fault: string | null } {
  const marks = { bos: '', eos: '' };
  const fallback = () => new ChatTemplate(fallbackTemplate(vocabulary), marks);
  if (source === '') return { template: fallback(), fault: null };
  try {
    return { template: new ChatTemplate(source, marks), fault: null };
  } catch (thrown) {
    return { template: fallback(), fault: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
