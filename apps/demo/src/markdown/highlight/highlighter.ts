import type { HighlightReply, HighlightRequest } from './highlight-worker.ts';

/** A grammar that says nothing for so long does not come to an end with this code, in ms. */
const patienceMs = 10_000;

interface Waiting {
  request: HighlightRequest;
  resolve: (reply: HighlightReply) => void;
}

let worker: Worker | null = null;
let lastId = 0;
/** The oldest first. */
const waiting = new Map<number, Waiting>();
let silence: ReturnType<typeof setTimeout> | undefined;

/**
 * Highlights code in a worker, which starts with the first code and serves the whole page. Code that a grammar does not
 * finish gets no colours: some grammars take a time that grows with the square of the text's length.
 */
export function highlight(grammar: string, text: string): Promise<HighlightReply> {
  const request: HighlightRequest = { id: (lastId += 1), grammar, text };
  const reply = new Promise<HighlightReply>((resolve) => waiting.set(request.id, { request, resolve }));
  if (waiting.size === 1) listen();
  post(request);
  return reply;
}

function post(request: HighlightRequest): void {
  worker ??= startWorker();
  worker.postMessage(request);
}

function startWorker(): Worker {
  const started = new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<HighlightReply>) => answer(data));
  // Its file did not arrive.
  started.addEventListener('error', () => {
    stopWorker();
    for (const id of waiting.keys()) answer({ id, spans: [], ms: 0 });
  });
  return started;
}

function stopWorker(): void {
  worker?.terminate();
  worker = null;
}

function answer(reply: HighlightReply): void {
  waiting.get(reply.id)?.resolve(reply);
  waiting.delete(reply.id);
  listen();
}

/** Waits for the next reply. */
function listen(): void {
  clearTimeout(silence);
  if (waiting.size > 0) silence = setTimeout(giveUp, patienceMs);
}

/** The oldest code has its end without colours; the rest goes to another worker. */
function giveUp(): void {
  stopWorker();
  const [oldest] = waiting.keys();
  if (oldest !== undefined) answer({ id: oldest, spans: [], ms: patienceMs });
  for (const { request } of waiting.values()) post(request);
}
