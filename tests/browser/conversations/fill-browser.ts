import type { BrowserContext } from 'playwright-core';

export interface Filling {
  conversations: number;
  messages: number;
}

/** What the issue of a large library is measured with. */
export const large: Filling = { conversations: 200, messages: 50 };

/** Puts conversations into the browser's database, as if the user had had them: about 500 characters to an answer. */
export async function fillBrowser(context: BrowserContext, url: string, filling: Filling): Promise<void> {
  // tsx wraps named functions in a call of this, also those that run in the page.
  await context.addInitScript('globalThis.__name = (value) => value');
  const page = await context.newPage();
  // The page makes the database.
  await page.goto(url);
  await page.waitForFunction(() => !document.querySelector('#first-content'));
  await page.evaluate(fill, filling);
  await page.close();
}

/** Runs in the page. */
async function fill({ conversations, messages }: Filling): Promise<void> {
  const words =
    'the model reads a whole prompt before its first word and then writes token by token so that everyone waits'.split(
      ' ',
    );
  const text = (seed: number, count: number) =>
    Array.from({ length: count }, (_, at) => words[(seed * 7 + at * (1 + (seed % 5))) % words.length]).join(' ');
  const finished = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => reject(request.error ?? new Error('failed')));
    });
  const database = await finished(indexedDB.open('headway'));
  const transaction = database.transaction(['conversations', 'messages', 'texts'], 'readwrite');
  const put = (store: string, record: object) => void transaction.objectStore(store).put(record);
  for (let at = 0; at < conversations; at++) {
    const id = `c${at}`;
    const texts: string[] = [];
    put('conversations', {
      id,
      title: `Chat ${at} about ${text(at, 3)}`,
      named: false,
      pinned: at % 40 === 0,
      created: 1_700_000_000_000 + at,
      changed: 1_700_000_000_000 + at,
      deleted: null,
      chosen: {},
      settings: {},
      model: null,
    });
    for (let number = 0; number < messages; number++) {
      const ofUser = number % 2 === 0;
      const common = {
        id: `${id}-${number}`,
        conversation: id,
        parent: number === 0 ? null : `${id}-${number - 1}`,
        created: 1_700_000_000_000 + number,
      };
      const written = `${text(at * 100 + number, ofUser ? 12 : 90)}${number === messages - 1 ? ` marker${at} Zürich` : ''}`;
      texts.push(written);
      if (ofUser) put('messages', { ...common, kind: 'question', text: written, documents: [] });
      else {
        put('messages', {
          ...common,
          kind: 'reply',
          generation: common.id,
          index: 0,
          model: null,
          set: null,
          result: {
            state: 'done',
            stopping: false,
            id: common.id,
            prefill: null,
            spans: [],
            stalledMs: null,
            reconnecting: false,
            heartbeat: 0,
            answers: [],
            text: written,
            reasoning: '',
            reasoningTokens: 0,
            reasoningMs: 0,
            completionTokens: 90,
            tokensPerSecond: 50,
            toolCalls: [],
            summary: null,
            samples: [],
            finishReason: 'stop',
            usage: null,
            timings: null,
            error: null,
          },
        });
      }
    }
    put('texts', { id, text: texts.join('\n') });
  }
  await new Promise<void>((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('error', () => reject(transaction.error ?? new Error('failed')));
  });
  database.close();
}
