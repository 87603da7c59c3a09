import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder where node-llama-cpp, and what is built on it, keeps downloaded models: `~/.node-llama-cpp/models`. */
export function modelsFolder(): string {
  return join(homedir(), '.node-llama-cpp', 'models');
}

/** Whether a model is named by a download address and not by a path. */
export function isModelAddress(uriOrPath: string): boolean {
  return /^(hf|https?|huggingface):/i.test(uriOrPath);
}
