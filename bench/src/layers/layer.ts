import type { InStep } from '../write-in-step.ts';

/** Something that writes tokens: llama.cpp alone, or with more and more around it. */
export interface Layer {
  name: string;
  /** Streams that write this many tokens each, together. */
  write(streams: number, tokens: number): Promise<InStep>;
  close(): Promise<void>;
}

export interface LayerOptions {
  model: string;
  threads: number;
  /** Most streams. */
  streams: number;
  /** Context of a stream, in tokens. */
  contextSize: number;
}

/** Prompts that differ from the first word on. */
export const storyPrompt = (number: number): string => `${number}. Once upon a time, there was`;
