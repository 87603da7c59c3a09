import { readSse, type SseRecord } from './sse-records.ts';

/** The bytes of a response to an SDK. */
export interface TappedAnswer {
  /** The id of the generation. */
  id: string;
  /** Resolves when the body has ended. */
  body: Promise<string>;
  records: () => Promise<SseRecord[]>;
}

/** A `fetch` for SDKs that records responses. The SDK reads the same bytes as without it. */
export class TappedFetch {
  readonly answers: TappedAnswer[] = [];
  readonly #headers: Readonly<Record<string, string>>;

  /** @param headers additional headers of every request */
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
    // It may reject without a caller waiting for it.
    body.catch(() => undefined);
    const id = response.headers.get('x-generation-id') ?? '';
    this.answers.push({ id, body, records: async () => readSse(await body) });
    return new Response(theirs, response);
  };

  /** @throws Error before the first response */
  get last(): TappedAnswer {
    const last = this.answers.at(-1);
    if (!last) throw new Error('there is no response yet; send a request first');
    return last;
  }
}
