import { isModelAddress } from '@headway/engine';

import { findModel } from '../models/find-model.ts';
import { openGenerator } from '../generator/open-generator.ts';
import { sentenceOf } from '../process/run-program.ts';
import { canDraw, colorsFor } from '../terminal/stream-colors.ts';
import { foreignText } from '@headway/protocol';
import type { TextGenerator } from '../generator/text-generator.ts';
import { answerQuestion } from './answer-question.ts';
import type { ChatOptions } from './chat-options.ts';
import { parseChatCommand } from './chat-command-line.ts';
import { ChatInterrupts } from './chat-interrupts.ts';
import { Conversation } from './saved/conversation.ts';
import { createLineInput, type LineInput } from './line-input.ts';
import { runChatCommand } from './run-chat-command.ts';
import { wrapFor } from '../terminal/word-wrap.ts';
import { say, sayDim } from '../terminal/say.ts';
import { showResumed, withResumed } from './resumed-chat.ts';
import { ChatSaver } from './saved/chat-saver.ts';
import { ChatStore } from './saved/chat-store.ts';
import { chatsFolder } from './saved/chats-folder.ts';
import { chatTable, chosenChat } from './saved/choose-chat.ts';

/** Runs `headway chat` until its input ends, or the user leaves by `/exit` or Ctrl-C. */
export async function chat(givenModel: string | undefined, given: ChatOptions): Promise<void> {
  const store = new ChatStore(chatsFolder());
  if (given.resume === true) {
    const chats = store.list();
    if (chats.length === 0) process.stderr.write(`There is no saved conversation in ${store.folder}.\n`);
    else process.stdout.write(chatTable(chats, process.stdout.columns ?? 0));
    return;
  }
  const resumed = chosenChat(store, given);
  const { model, ...options } = withResumed(givenModel, given, resumed);
  const interrupts = new ChatInterrupts();
  let input: LineInput | null = null;
  let saver: ChatSaver | null = null;
  const discard = () => input?.discard() ?? false;
  interrupts.listen(discard);
  const generator = await openGenerator({ ...options, model });
  try {
    // The user left while the generator opened; the abort event is over.
    if (interrupts.ending.aborted) return;
    const terminal = process.stdin.isTTY && process.stdout.isTTY;
    const conversation = new Conversation(options.system, resumed?.messages);
    // A script that pipes its questions wants no files, unless it goes on with a conversation.
    if (options.save !== false && (terminal || resumed)) {
      saver = new ChatSaver({
        store,
        conversation,
        resumed,
        model: model ?? null,
        url: options.url ?? null,
        onFailure: (why) => say(`headway: the conversation is not saved (${why}); XDG_DATA_HOME sets another folder`),
      });
    }
    // Opened before the model has loaded: it keeps early typing off the screen and uses it as the first question.
    const onInterrupt = () => interrupts.interrupt(discard);
    input = createLineInput({ terminal, onInterrupt, history: conversation.questions });
    interrupts.ending.addEventListener('abort', () => input?.close());
    if (!(await loaded(generator, interrupts.ending, model, options))) return;
    if (terminal) await greet(generator, model, options);
    if (terminal && resumed) showResumed(conversation, resumed, options.markdown);
    await talk({ generator, input, interrupts, model, options, terminal, conversation, saver });
  } finally {
    input?.close();
    saver?.close();
    if (saver && saver.id !== null && process.stderr.isTTY)
      sayDim(`Saved; to go on: headway chat --resume ${saver.id}`);
    await generator.close();
    if (interrupts.ending.aborted) process.exitCode = interrupts.exitCode;
  }
}

interface Talk {
  generator: TextGenerator;
  input: LineInput;
  interrupts: ChatInterrupts;
  model: string | undefined;
  options: ChatOptions;
  terminal: boolean;
  conversation: Conversation;
  /** Null if nothing is saved. */
  saver: ChatSaver | null;
}

async function talk({
  generator,
  input,
  interrupts,
  model,
  options,
  terminal,
  conversation,
  saver,
}: Talk): Promise<void> {
  const { maxTokens, temperature, seed, url, markdown } = options;
  const { bold } = colorsFor(process.stdout);
  for (;;) {
    const line = await input.next(bold('> '));
    if (line === null) return;
    if (line.trim() === '') continue;
    const command = parseChatCommand(line);
    if (command) {
      if (command.kind === 'clear') saver?.startAnother();
      const reply = await runChatCommand(command, conversation);
      if (reply === null) return;
      say(reply);
      if (command.kind === 'system') saver?.saveSoon();
      continue;
    }
    const question = line.replace(/^\/\//, '/');
    const request = {
      maxTokens,
      temperature,
      seed,
      messages: conversation.ask(question),
      ...(url && model && { model }),
    };
    saver?.save();
    const onText = (text: string) => {
      conversation.hear(text);
      saver?.saveSoon();
    };
    try {
      await interrupts.answering((signal) =>
        answerQuestion(generator, request, { signal, ending: interrupts.ending, markdown, onText }),
      );
    } catch (thrown) {
      if (interrupts.ending.aborted) return;
      // In a pipe an error ends the command; at a terminal the user can ask something else.
      if (!terminal) throw thrown;
      say(`headway: ${sentenceOf(thrown)}`);
    } finally {
      // What came of an answer is kept, however it ended.
      conversation.endAnswer();
      saver?.save();
    }
  }
}

/** Waits until the model has loaded; false if the user left first. */
async function loaded(
  generator: TextGenerator,
  ending: AbortSignal,
  model: string | undefined,
  { url }: ChatOptions,
): Promise<boolean> {
  const shown = canDraw(process.stderr) && url === undefined && !isModelAddress(findModel(model));
  if (shown) process.stderr.write('Loading the model');
  try {
    const left = new Promise<false>((resolve) =>
      ending.addEventListener('abort', () => resolve(false), { once: true }),
    );
    return await Promise.race([generator.ready().then(() => true), left]);
  } finally {
    if (shown) process.stderr.write('\r\u001b[2K');
  }
}

async function greet(generator: TextGenerator, model: string | undefined, { url }: ChatOptions): Promise<void> {
  const [first] = await generator.models();
  const name = url === undefined ? first?.id : `${model ?? first?.id ?? 'the model'} at ${url}`;
  const words = `${foreignText(name ?? 'the model')}; /help lists the commands`;
  process.stdout.write(`${colorsFor(process.stdout).dim(wrapFor(process.stdout, words))}\n`);
}
