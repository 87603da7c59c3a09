import type { HighlightReply, HighlightRequest } from './highlight-worker.ts';

let worker: Worker | null = null;
let lastId = 0;
const waiting = new Map<number, (reply: HighlightReply) => void>();

/** Highlights code in a worker, which starts with the first code and serves the whole page. */
export function highlight(grammar: string, text: string): Promise<HighlightReply> {
  worker ??= startWorker();
  const request: HighlightRequest = { id: (lastId += 1), grammar, text };
  const reply = new Promise<HighlightReply>((resolve) => waiting.set(request.id, resolve));
  worker.postMessage(request);
  return reply;
}

function startWorker(): Worker {
  const started = new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<HighlightReply>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  });
  return started;
}
