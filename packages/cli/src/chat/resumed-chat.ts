import { createAnswerWriter } from '../answer/answer-writer.ts';
import { sayDim } from '../terminal/say.ts';
import type { ChatOptions } from './chat-options.ts';
import type { Conversation } from './saved/conversation.ts';
import { localTime } from './saved/local-time.ts';
import type { SavedChat } from './saved/saved-chat.ts';

/** What the command line leaves open is as it was in the conversation that goes on. */
export function withResumed(
  model: string | undefined,
  options: ChatOptions,
  resumed: SavedChat | null,
): ChatOptions & { model: string | undefined } {
  if (!resumed) return { ...options, model };
  const named = model !== undefined || options.url !== undefined;
  return {
    ...options,
    model: named ? model : (resumed.model ?? undefined),
    url: named ? options.url : (resumed.url ?? undefined),
    system: options.system ?? resumed.system ?? undefined,
  };
}

/** Shows the last question and its answer of a conversation that goes on. */
export function showResumed(conversation: Conversation, { savedAt }: SavedChat, markdown: boolean | undefined): void {
  const { messages, questions, unanswered } = conversation;
  const count = `${questions.length} ${questions.length === 1 ? 'question' : 'questions'}`;
  sayDim(`The conversation of ${localTime(savedAt)} goes on, after ${count}.`);
  const [question, answer] = messages.slice(unanswered === null ? -2 : -1);
  if (!question) return;
  const writer = createAnswerWriter({ markdown: false });
  writer.write({ channel: 'content', text: `> ${question.content}` });
  writer.end();
  if (answer) {
    const shown = createAnswerWriter({ markdown });
    shown.write({ channel: 'content', text: answer.content });
    shown.end();
  } else {
    sayDim('This question has no answer yet; the up arrow brings it back.');
  }
  process.stdout.write('\n');
}
