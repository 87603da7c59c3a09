import { HeadwayError } from '@headway/protocol';
import { resolveModelFile } from 'node-llama-cpp';

import { isModelAddress, modelsFolder } from './model-address.ts';

export interface ResolveModelOptions {
  /** The folder of downloaded models. @default `modelsFolder()` */
  folder?: string;
  /** Called with bytes during a download. A successful download ends with a call with all of them. */
  onProgress?: ((downloaded: number, total: number) => void) | undefined;
  /** Stops a download. */
  signal?: AbortSignal;
  /** Whether to download a missing model. @default true */
  download?: boolean;
}

/**
 * The path of a model: a file's as it is; for `hf:user/repo:Q4_K_M` or an https address that of the download, which it
 * fetches if the file is missing. It resumes a stopped download.
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
  if (!mayDownload)
    throw new HeadwayError(
      'model-load-failed',
      `model: ${uriOrPath} is not downloaded; download it with headway models pull`,
    );
  try {
    if (/^https?:/i.test(uriOrPath)) await checkAddress(uriOrPath, signal);
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
    // A cancelled download may resolve as if it were complete.
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

/** How long a cancelled download may take to record its progress. */
const cancelGraceMs = 1000;

/** A cancelled download ends only with its next bytes, which a bad connection may delay for minutes. */
function untilAborted<T>(download: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return download;
  return new Promise((resolve, reject) => {
    const onAbort = () => setTimeout(() => reject(signal.reason), cancelGraceMs);
    signal.addEventListener('abort', onAbort, { once: true });
    download.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Rejects at once for an address that does not exist or is not allowed; the downloader would retry for minutes. */
async function checkAddress(url: string, signal: AbortSignal | undefined): Promise<void> {
  const { status } = await fetch(url, { method: 'HEAD', signal }).catch((thrown: unknown) => {
    throw thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  });
  if ([401, 403, 404, 410].includes(status)) throw new Error(`the server answered ${status}`);
}
