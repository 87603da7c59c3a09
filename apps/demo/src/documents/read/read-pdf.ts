import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
// oxlint-disable-next-line import/default -- Vite's suffix makes the file's URL the default export
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url';

import { pageText } from './pdf-text.ts';

// A file of the page's own origin, since the content security policy allows no blob: workers. The legacy build also runs in
// browsers of the last few years.
GlobalWorkerOptions.workerSrc = workerUrl;

interface PdfOptions {
  signal: AbortSignal;
  /** The most characters of text that are of use. */
  maxLength: number;
  onPage: (page: number, of: number) => void;
}

export type PdfReading = { pages: string[] } | { problem: 'password' | 'broken' | 'too-long' };

/**
 * Reads the text of each page in a worker. pdf.js and its worker are loaded when the first PDF is attached. The content is
 * passed to the worker, so the caller's array is empty afterwards.
 *
 * @throws the signal's reason when it aborts, and pdf.js's error when its worker cannot be loaded
 */
export async function readPdf(content: Uint8Array, { signal, maxLength, onPage }: PdfOptions): Promise<PdfReading> {
  const loading = getDocument({
    data: content,
    // The policy allows no eval, fonts need not be drawn, and images need not be decoded.
    isEvalSupported: false,
    useWasm: false,
    disableFontFace: true,
    useSystemFonts: false,
    isImageDecoderSupported: false,
    isOffscreenCanvasSupported: false,
    // See `build/pdf-cmaps.ts`.
    cMapUrl: `${import.meta.env.BASE_URL}cmaps/`,
    cMapPacked: true,
    verbosity: 0,
  });
  let needsPassword = false;
  loading.onPassword = () => {
    needsPassword = true;
    void loading.destroy();
  };
  const stop = () => void loading.destroy();
  signal.addEventListener('abort', stop);
  try {
    return await readPages(await loading.promise, { signal, maxLength, onPage });
  } catch (thrown) {
    signal.throwIfAborted();
    // The worker's file did not come, so nothing is known of the PDF.
    if (thrown instanceof Error && thrown.message.includes('fake worker')) throw thrown;
    return { problem: needsPassword ? 'password' : 'broken' };
  } finally {
    signal.removeEventListener('abort', stop);
    await loading.destroy();
  }
}

async function readPages(pdf: PDFDocumentProxy, { signal, maxLength, onPage }: PdfOptions): Promise<PdfReading> {
  const pages: string[] = [];
  let length = 0;
  for (let number = 1; number <= pdf.numPages; number += 1) {
    signal.throwIfAborted();
    onPage(number, pdf.numPages);
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    const text = pageText(items.flatMap((item) => ('str' in item ? item : [])));
    page.cleanup();
    length += text.length;
    if (length > maxLength) return { problem: 'too-long' };
    pages.push(text);
  }
  return { pages };
}
