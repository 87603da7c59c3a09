import { type GenerationEvent, errorFromData, jsonText, type TokenEvent } from '@headway/protocol';

import { createAnswerWriter, type AnswerWriterOptions } from './answer-writer.ts';
import { showFacts } from './generation-facts.ts';
import type { ProgressBar } from './progress-bar.ts';

/** Prints every event as a line of JSON. @throws HeadwayError the first choice's error */
export async function printEvents(events: AsyncIterable<GenerationEvent>): Promise<void> {
  let failed: GenerationEvent | null = null;
  for await (const event of events) {
    process.stdout.write(`${jsonText(event)}\n`);
    if (event.type === 'error') failed ??= event;
  }
  if (failed) throwIfFailed(failed);
}

/**
 * Prints the text as it arrives, and on a terminal the token counts and rates. Of several choices it prints the first.
 *
 * @throws HeadwayError the error of any choice
 */
export async function printText(
  events: AsyncIterable<GenerationEvent>,
  bar: ProgressBar,
  options: AnswerWriterOptions = {},
): Promise<void> {
  const answer = createAnswerWriter(options);
  for await (const event of events) {
    if (event.type === 'error') answer.end();
    throwIfFailed(event);
    if (event.index !== 0) continue;
    if (event.type === 'token') {
      bar.makeRoom();
      answer.write(event);
    }
    if (event.type === 'done') {
      answer.end();
      showFacts(event);
    }
  }
}

/**
 * Prints several answers, each when it ends, under a line with its number.
 *
 * @throws HeadwayError the error of the first choice that failed, when all have ended
 */
export async function printAnswers(
  events: AsyncIterable<GenerationEvent>,
  bar: ProgressBar,
  options: AnswerWriterOptions = {},
): Promise<void> {
  const pieces = new Map<number, TokenEvent[]>();
  let failed: GenerationEvent | null = null;
  for await (const event of events) {
    if (event.type === 'token') {
      const before = pieces.get(event.index);
      if (before) before.push(event);
      else pieces.set(event.index, [event]);
    }
    if (event.type === 'done') {
      bar.makeRoom();
      process.stdout.write(`--- answer ${event.index + 1}\n`);
      const answer = createAnswerWriter(options);
      for (const piece of pieces.get(event.index) ?? []) answer.write(piece);
      answer.end();
      if (!process.stdout.isTTY) process.stdout.write('\n');
      showFacts(event);
    }
    if (event.type === 'error') failed ??= event;
  }
  if (failed) throwIfFailed(failed);
}

function throwIfFailed(event: GenerationEvent): void {
  if (event.type === 'error') throw errorFromData(event);
}
