import { isModelAddress } from '@headway/engine';

import { findModel } from '../models/find-model.ts';
import type { GenerationOptions, ModelOptions } from '../options/generation-options.ts';
import { openGenerator } from '../generator/open-generator.ts';
import { sentenceOf } from '../process/run-program.ts';
import { canDraw, colorsFor } from '../terminal/stream-colors.ts';
import { foreignText } from '@headway/protocol';
import type { TextGenerator } from '../generator/text-generator.ts';
import { wrapFor } from '../terminal/word-wrap.ts';
import { answerQuestion } from './answer-question.ts';
import { parseChatCommand } from './chat-command-line.ts';
import { ChatInterrupts } from './chat-interrupts.ts';
import { Conversation } from './conversation.ts';
import { createLineInput, type LineInput } from './line-input.ts';
import { runChatCommand } from './run-chat-command.ts';

export type ChatOptions = GenerationOptions & ModelOptions;

/** Runs `headway chat` until its input ends, or the user leaves by `/exit` or Ctrl-C. */
export async function chat(model: string | undefined, options: ChatOptions): Promise<void> {
  const interrupts = new ChatInterrupts();
  let input: LineInput | null = null;
  const discard = () => input?.discard() ?? false;
  interrupts.listen(discard);
  const generator = await openGenerator({ ...options, model });
  try {
    // The user left while the generator opened; the abort event is over.
    if (interrupts.ending.aborted) return;
    const terminal = process.stdin.isTTY && process.stdout.isTTY;
    // Opened before the model has loaded: it keeps early typing off the screen and uses it as the first question.
    input = createLineInput({ terminal, onInterrupt: () => interrupts.interrupt(discard) });
    interrupts.ending.addEventListener('abort', () => input?.close());
    if (!(await loaded(generator, interrupts.ending, model, options))) return;
    if (terminal) await greet(generator, model, options);
    await talk({ generator, input, interrupts, model, options, terminal });
  } finally {
    input?.close();
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
}

async function talk({ generator, input, interrupts, model, options, terminal }: Talk): Promise<void> {
  const { maxTokens, temperature, seed, system, url } = options;
  const conversation = new Conversation(system);
  const { bold } = colorsFor(process.stdout);
  for (;;) {
    const line = await input.next(bold('> '));
    if (line === null) return;
    if (line.trim() === '') continue;
    const command = parseChatCommand(line);
    if (command) {
      const reply = await runChatCommand(command, conversation);
      if (reply === null) return;
      process.stderr.write(`${wrapFor(process.stderr, reply)}\n`);
      continue;
    }
    const question = line.replace(/^\/\//, '/');
    const request = {
      maxTokens,
      temperature,
      seed,
      messages: conversation.asking(question),
      ...(url && model && { model }),
    };
    try {
      const answer = await interrupts.answering((signal) => answerQuestion(generator, request, signal));
      conversation.keep(question, answer);
    } catch (thrown) {
      if (interrupts.ending.aborted) return;
      // In a pipe an error ends the command; at a terminal the user can ask something else.
      if (!terminal) throw thrown;
      process.stderr.write(`${wrapFor(process.stderr, `headway: ${sentenceOf(thrown)}`)}\n`);
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
  process.stdout.write(
    `${colorsFor(process.stdout).dim(`${foreignText(name ?? 'the model')}; /help lists the commands`)}\n`,
  );
}
