import { readSse, type SseRecord } from './sse-records.ts';

/** What an SDK was answered, in the gateway's own bytes. */
export interface TappedAnswer {
  /** The generation that answers. */
  id: string;
  /** Resolves when the body has ended. */
  body: Promise<string>;
  records: () => Promise<SseRecord[]>;
}

/** A `fetch` for SDKs that keeps what comes through it; the SDK reads the same bytes as if it was not there. */
export class TappedFetch {
  readonly answers: TappedAnswer[] = [];
  readonly #headers: Readonly<Record<string, string>>;

  /** @param headers go out with every request, beside the SDK's own */
  constructor(headers: Readonly<Record<string, string>> = {}) {
    this.#headers = headers;
  }

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.#headers)) headers.set(name, value);
    const response = await fetch(input, { ...init, headers });
    if (!response.body) return response;
    const [theirs, ours] = response.body.tee();
    const body = new Response(ours).text();
    // Whoever waits for it hears of a failure; nobody may.
    body.catch(() => undefined);
    const id = response.headers.get('x-generation-id') ?? '';
    this.answers.push({ id, body, records: async () => readSse(await body) });
    return new Response(theirs, response);
  };

  /** @throws Error when nothing has been answered */
  get last(): TappedAnswer {
    const last = this.answers.at(-1);
    if (!last) throw new Error('nothing has been answered');
    return last;
  }
}
