// A prompt box, a bar during prefill, the answer as it arrives and a stop button, all with callbacks.
import { createClient, type GenerationSubscription, type PrefillEvent } from '@headway/client';

const client = createClient({
  url: import.meta.env.VITE_HEADWAY_URL ?? 'http://127.0.0.1:4477',
  connectTimeoutMs: 3_000,
});

const form = element('form', HTMLFormElement);
const prompt = element('#prompt', HTMLTextAreaElement);
const stop = element('#stop', HTMLButtonElement);
const where = element('#where', HTMLParagraphElement);
const bar = element('#prefill', HTMLProgressElement);
const answer = element('#answer', HTMLOutputElement);

let running: GenerationSubscription | null = null;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  running?.unsubscribe();
  answer.textContent = '';
  where.textContent = 'Connecting…';
  stop.disabled = false;
  running = client.generate.subscribe(
    { messages: [{ role: 'user', content: prompt.value }], maxTokens: 400 },
    {
      onPrefill(prefill) {
        where.textContent = wherePrefillIs(prefill);
        bar.hidden = prefill.phase !== 'prefill';
        bar.max = prefill.total ?? 1;
        bar.value = prefill.processed ?? 0;
      },
      onToken({ text, tokensPerSecond }) {
        bar.hidden = true;
        where.textContent = `Writing, ${Math.round(tokensPerSecond)} tokens/s`;
        answer.append(text);
      },
      onStall(stalledMs) {
        where.textContent = `No news for ${stalledMs / 1000} s`;
      },
      onDone({ finishReason, usage }) {
        end(`Done (${finishReason}): ${usage.promptTokens} tokens read, ${usage.completionTokens} written`);
      },
      onError({ message }) {
        end(`Failed: ${message}`);
      },
    },
  );
});

stop.addEventListener('click', () => {
  running?.unsubscribe();
  end('Stopped');
});

function end(words: string): void {
  where.textContent = words;
  bar.hidden = true;
  stop.disabled = true;
  running = null;
}

function wherePrefillIs({ phase, queuePosition, processed, cached, total, etaMs, loaded }: PrefillEvent): string {
  switch (phase) {
    case 'queued':
      // The queue of a server behind the gateway tells no place.
      return queuePosition === null ? 'Queued at the upstream' : `Queued at place ${queuePosition}`;
    case 'loading':
      return loaded === undefined ? 'The model is loading' : `The model is loading: ${Math.floor(100 * loaded)} %`;
    case 'prefill': {
      const left = etaMs === null ? '' : `, ${(etaMs / 1000).toFixed(1)} s to go`;
      return `Reading: ${processed} of ${total} tokens (${cached} from cache)${left}`;
    }
    default:
      return phase satisfies never;
  }
}

function element<Element extends HTMLElement>(selector: string, kind: new () => Element): Element {
  const found = document.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`${selector} is missing from index.html`);
}
