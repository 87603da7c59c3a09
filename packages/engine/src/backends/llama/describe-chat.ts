import { HeadwayError } from '@headway/protocol';
import { GeneralChatWrapper, readGgufFileInfo, resolveChatWrapper } from 'node-llama-cpp';

import { describeLoadFailure } from './load-failure.ts';

/** What a GGUF file says of how its model talks. */
export interface ChatAbilities {
  /** Whether the file has a chat template, which models that were taught to talk bring with them. */
  template: boolean;
  /** The form in which turns are written: `ChatML`, `Llama3.1`, …; `General` where nothing tells. */
  format: string;
  /** Who tells the model of tools: its own template, or words put before it that it may not have learnt to heed. */
  tools: 'template' | 'prompt';
  /** Whether the form has a place for thoughts. Null when it has none that node-llama-cpp knows, though the template may. */
  thinking: boolean | null;
}

/**
 * Reads it from the file's head.
 *
 * @throws HeadwayError `model-load-failed`
 */
export async function describeChat(path: string): Promise<ChatAbilities> {
  try {
    const fileInfo = await readGgufFileInfo(path, { sourceType: 'filesystem', logWarnings: false });
    const template = fileInfo.metadata.tokenizer?.chat_template;
    const text = typeof template === 'string' ? template : '';
    const wrapper = resolveChatWrapper({ fileInfo, filename: path }) ?? new GeneralChatWrapper();
    const thinks = wrapper.settings.segments?.thought !== undefined;
    return {
      template: text !== '',
      format: wrapper.wrapperName,
      tools: /\btools\b/.test(text) ? 'template' : 'prompt',
      thinking: thinks || (/think|reasoning/i.test(text) ? null : false),
    };
  } catch (thrown) {
    throw new HeadwayError('model-load-failed', describeLoadFailure(path, thrown, []), { cause: thrown });
  }
}
