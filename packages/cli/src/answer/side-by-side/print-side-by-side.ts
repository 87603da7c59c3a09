import { errorFromData, type DoneEvent, type GenerationEvent } from '@headway/protocol';

import { colorsFor } from '../../terminal/stream-colors.ts';
import { LiveRegion } from '../../terminal/drawing/live-region.ts';
import { createAnswerWriter, type AnswerWriterOptions } from '../answer-writer.ts';
import { showFacts } from '../generation-facts.ts';
import type { ProgressBar } from '../progress-bar.ts';
import { AnswerColumn } from './answer-column.ts';
import { columnWidth } from './column-layout.ts';
import { drawColumns } from './draw-columns.ts';

/** How often the answers are drawn again, in ms. */
const drawEveryMs = 80;

export interface SideBySideOptions extends AnswerWriterOptions {
  choices: number;
}

/**
 * Prints several answers on a terminal side by side, drawn again in place as they arrive, and at the end in full: side by
 * side, or one after the other where an answer has code, which columns would break.
 *
 * @throws HeadwayError the error of the first choice that failed, when all have ended
 */
export async function printSideBySide(
  events: AsyncIterable<GenerationEvent>,
  bar: ProgressBar,
  { choices, markdown = true }: SideBySideOptions,
): Promise<void> {
  const { stdout } = process;
  const colors = colorsFor(stdout);
  const answers = Array.from({ length: choices }, (_, at) => new AnswerColumn(at + 1, { colors, markdown }));
  const region = new LiveRegion(stdout);
  const paints = { head: colors.bold, line: colors.dim };
  let changed = false;
  const draw = () => region.draw(drawColumns(answers, { ...paints, columns: stdout.columns, rows: stdout.rows - 1 }));
  const drawing = setInterval(() => {
    if (changed) draw();
    changed = false;
  }, drawEveryMs);
  const onResize = () => (changed ||= answers.some(({ pieces }) => pieces.length > 0));
  stdout.on('resize', onResize);
  try {
    for await (const event of events) {
      const answer = answers[event.index];
      if (event.type === 'prefill' || event.type === 'span' || !answer) continue;
      bar.makeRoom();
      if (event.type === 'token') answer.write(event);
      else answer.finish(event);
      changed = true;
    }
  } finally {
    clearInterval(drawing);
    stdout.removeListener('resize', onResize);
    region.clear();
    printAll(answers, markdown);
  }
  for (const { end } of answers) if (end?.type === 'error') throw errorFromData(end);
}

function printAll(answers: readonly AnswerColumn[], markdown: boolean): void {
  const { stdout } = process;
  if (answers.every(({ pieces }) => pieces.length === 0)) return showSum(answers);
  const { bold, dim } = colorsFor(stdout);
  const fits = columnWidth(answers.length, stdout.columns) !== null;
  if (fits && !answers.some(({ hasCode }) => hasCode)) {
    const lines = drawColumns(answers, { columns: stdout.columns, head: bold, line: dim });
    // Where the states have scrolled away they are said again.
    const shown = lines.length < stdout.rows ? lines : [...lines, ...lines.slice(0, 2).toReversed()];
    stdout.write(shown.map((line) => `${line.trimEnd()}\n`).join(''));
  } else {
    for (const answer of answers) {
      stdout.write(`--- answer ${answer.head(Math.max(1, stdout.columns - 12))}\n`);
      const writer = createAnswerWriter({ markdown });
      for (const piece of answer.pieces) writer.write(piece);
      writer.end();
    }
  }
  showSum(answers);
}

/** Prints what all took together: the prompt was read once, and each answer's rate is in its head. */
function showSum(answers: readonly AnswerColumn[]): void {
  const ends = answers.flatMap(({ end }) => (end?.type === 'done' ? [end] : []));
  const [first] = ends;
  if (!first) return;
  const completionTokens = ends.reduce((sum, { usage }) => sum + usage.completionTokens, 0);
  const sum: DoneEvent = {
    ...first,
    finishReason: ends.some(({ finishReason }) => finishReason === 'cancelled') ? 'cancelled' : 'stop',
    usage: { ...first.usage, completionTokens },
    timings: { ...first.timings, decodeTokensPerSecond: null },
  };
  showFacts(sum);
}
