import { passage } from '../passage.ts';
import { ask, firstTextMs } from '../peers/ask.ts';
import { median } from '../statistics.ts';
import { inTurns } from './in-turns.ts';

export interface ModelLoad {
  streams: number;
  /** Tokens of each answer. */
  tokens: number;
}

export interface ModelFigures {
  /** Of all streams together, from the first token to the last. */
  tokensPerSecond: number;
  /** Of the median stream. */
  firstTokenMs: number;
}

export interface ModelComparison extends ModelLoad {
  direct: ModelFigures;
  through: ModelFigures;
  ratio: ModelFigures;
}

/** Asks a model server directly and through the gateway, in turns. Every prompt is a new one. */
export async function compareModel(
  { direct, through }: { direct: string; through: string },
  load: ModelLoad,
  rounds: number,
): Promise<ModelComparison> {
  const pairs = await inTurns(rounds, { direct: () => measure(direct, load), through: () => measure(through, load) });
  const figures = (of: (pair: (typeof pairs)[number]) => ModelFigures): ModelFigures => ({
    tokensPerSecond: median(pairs.map((pair) => of(pair).tokensPerSecond)),
    firstTokenMs: median(pairs.map((pair) => of(pair).firstTokenMs)),
  });
  return {
    ...load,
    direct: figures(({ direct }) => direct),
    through: figures(({ through }) => through),
    ratio: figures((pair) => ({
      tokensPerSecond: pair.through.tokensPerSecond / pair.direct.tokensPerSecond,
      firstTokenMs: pair.through.firstTokenMs / pair.direct.firstTokenMs,
    })),
  };
}

let prompts = 0;

async function measure(url: string, { streams, tokens }: ModelLoad): Promise<ModelFigures> {
  const answers = await Promise.all(
    Array.from({ length: streams }, () => ask(url, passage(60, prompts++), { maxTokens: tokens })),
  );
  const from = Math.min(...answers.map(({ sentAt, arrivals }) => sentAt + (arrivals[0] ?? 0)));
  const to = Math.max(...answers.map(({ sentAt, arrivals }) => sentAt + (arrivals.at(-1) ?? 0)));
  const written = answers.reduce((total, answer) => total + answer.tokens, 0);
  return { tokensPerSecond: (written * 1000) / (to - from), firstTokenMs: median(answers.map(firstTextMs)) };
}
