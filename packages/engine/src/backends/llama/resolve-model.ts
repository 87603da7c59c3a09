import { HeadwayError } from '@headway/protocol';
import { resolveModelFile } from 'node-llama-cpp';

export interface ResolveModelOptions {
  /** Called while a model is downloaded, in bytes. */
  onProgress?: (downloaded: number, total: number) => void;
  /** Stops a download. */
  signal?: AbortSignal;
}

/**
 * The path of a model: a file as it is, and what `hf:user/repo:Q4_K_M` or an https address names, downloaded to
 * `~/.node-llama-cpp/models` unless it is there.
 *
 * @throws HeadwayError `model-load-failed`; the signal's reason when it aborts
 */
export async function resolveModel(
  uriOrPath: string,
  { onProgress, signal }: ResolveModelOptions = {},
): Promise<string> {
  const remote = /^(hf|https?|huggingface):/i.test(uriOrPath);
  if (!remote) return uriOrPath;
  try {
    return await resolveModelFile(uriOrPath, {
      cli: false,
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
