import type { BuildCompute } from '../../binary/build-record.ts';
import type { Build } from '../../binary/builds-folder.ts';
import type { Work } from '../../threads/thread-trials.ts';

/** One token of a text, as a model wrote it. */
export interface WrittenStep {
  token: number;
  /** The likeliest tokens and their probabilities, the likeliest first. */
  top: [token: number, probability: number][];
}

/** A text to write at temperature 0. */
export interface TextTask {
  prompt: string;
  tokens: number;
}

/** What a trial process is asked. It answers each with a `TrialAnswer`. */
export type TrialOrder =
  | { kind: 'open'; binary: 'prebuilt' | Build; compute: BuildCompute; model: string; threads: number }
  /** Answered with `WrittenStep[]`. */
  | ({ kind: 'write'; threads: number } & TextTask)
  /** Answered with the duration of the work, in ms. */
  | { kind: 'time'; work: Work; threads: number; tokens: number };

export type TrialAnswer = { value: unknown } | { error: string };
