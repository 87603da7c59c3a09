import { homedir } from 'node:os';
import { join } from 'node:path';

import { HeadwayError } from '@headway/protocol';
import { resolveModelFile } from 'node-llama-cpp';

export interface ResolveModelOptions {
  /** Where downloads are looked for and put. @default `modelsFolder()` */
  folder?: string;
  /** Called while a model is downloaded, in bytes. */
  onProgress?: (downloaded: number, total: number) => void;
  /** Stops a download. */
  signal?: AbortSignal;
}

/** The folder that node-llama-cpp and everything built on it download models to: `~/.node-llama-cpp/models`. */
export function modelsFolder(): string {
  return join(homedir(), '.node-llama-cpp', 'models');
}

/** Whether a model is named by where to download it from, and not by its path. */
export function isModelAddress(uriOrPath: string): boolean {
  return /^(hf|https?|huggingface):/i.test(uriOrPath);
}

/**
 * The path of a model: a file as it is, and what `hf:user/repo:Q4_K_M` or an https address names, downloaded unless it
 * is there. A download that was stopped goes on where it was.
 *
 * @throws HeadwayError `model-load-failed`; the signal's reason when it aborts
 */
export async function resolveModel(
  uriOrPath: string,
  { folder = modelsFolder(), onProgress, signal }: ResolveModelOptions = {},
): Promise<string> {
  if (!isModelAddress(uriOrPath)) return uriOrPath;
  try {
    return await resolveModelFile(uriOrPath, {
      directory: folder,
      cli: false,
      deleteTempFileOnCancel: false,
      ...(signal && { signal }),
      onProgress: ({ downloadedSize, totalSize }) => onProgress?.(downloadedSize, totalSize),
    });
  } catch (thrown) {
    signal?.throwIfAborted();
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new HeadwayError(
      'model-load-failed',
      `model: ${uriOrPath} cannot be downloaded (${message}); check the name and the connection, or give the path of a GGUF file`,
      { cause: thrown },
    );
  }
}
