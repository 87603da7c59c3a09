import { homedir } from 'node:os';
import { join } from 'node:path';

import { HeadwayError } from '@headway/protocol';
import { resolveModelFile } from 'node-llama-cpp';

export interface ResolveModelOptions {
  /** Where downloads are looked for and put. @default `modelsFolder()` */
  folder?: string;
  /** Called while a model is downloaded, in bytes; the last time, unless it fails, with all of them. */
  onProgress?: ((downloaded: number, total: number) => void) | undefined;
  /** Stops a download. */
  signal?: AbortSignal;
  /** Whether to fetch what is not there. @default true */
  download?: boolean;
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
  { folder = modelsFolder(), onProgress, signal, download: mayDownload = true }: ResolveModelOptions = {},
): Promise<string> {
  if (!isModelAddress(uriOrPath)) return uriOrPath;
  const local = { directory: folder, cli: false, ...(signal && { signal }) };
  const here = await resolveModelFile(uriOrPath, { ...local, download: false }).catch(() => null);
  if (here !== null) return here;
  if (!mayDownload) throw new HeadwayError('model-load-failed', `model: ${uriOrPath} is not here; download it first`);
  try {
    if (/^https?:/i.test(uriOrPath)) await requireAnswer(uriOrPath, signal);
    let whole: number | null = null;
    const download = resolveModelFile(uriOrPath, {
      ...local,
      deleteTempFileOnCancel: false,
      onProgress: ({ downloadedSize, totalSize }) => {
        if (signal?.aborted) return;
        whole = totalSize;
        onProgress?.(downloadedSize, totalSize);
      },
    });
    const path = await untilAborted(download, signal);
    // A cancelled download may come back as if it were whole.
    signal?.throwIfAborted();
    if (whole !== null) onProgress?.(whole, whole);
    return path;
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

/** How long a cancelled download has to write down how far it came. */
const cancelGraceMs = 1000;

/** A cancelled download ends with its next bytes only, for which a bad connection may let it wait for minutes. */
function untilAborted<T>(download: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return download;
  return new Promise((resolve, reject) => {
    const onAbort = () => setTimeout(() => reject(signal.reason), cancelGraceMs);
    signal.addEventListener('abort', onAbort, { once: true });
    download.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The downloader repeats for minutes what fails; what is plainly wrong is told at once. */
async function requireAnswer(url: string, signal: AbortSignal | undefined): Promise<void> {
  const { status } = await fetch(url, { method: 'HEAD', signal }).catch((thrown: unknown) => {
    throw thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  });
  if ([401, 403, 404, 410].includes(status)) throw new Error(`the server answers ${status}`);
}
