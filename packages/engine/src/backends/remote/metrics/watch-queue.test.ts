import { expect, it } from 'vitest';

import type { Answer } from '../http/upstream-http.ts';
import { watchQueue } from './watch-queue.ts';

const metric = 'vllm:num_requests_waiting';

/** An upstream whose queue and time the test sets. */
class FakeUpstream {
  waiting = 0;
  looks = 0;
  status = 200;
  #now = 0;
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();

  readonly ask = async (): Promise<Answer> => {
    this.looks++;
    return {
      status: this.status,
      header: () => null,
      body: (async function* () {})(),
      text: async () => `${metric}{engine="0"} ${this.waiting}.0`,
    };
  };

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      });
    });

  get sleepers(): number {
    return this.#sleepers.size;
  }

  async pass(ms: number): Promise<void> {
    for (const end = this.#now + ms; this.#now < end; this.#now++) {
      for (const sleeper of this.#sleepers) {
        if (sleeper.at > this.#now) continue;
        this.#sleepers.delete(sleeper);
        sleeper.wake();
      }
      await new Promise(setImmediate);
    }
  }

  /** A request that is watched. */
  send() {
    const gone = new AbortController();
    const request = { told: 0, over: '', leave: () => gone.abort() };
    watchQueue(metric, this, () => request.told++, gone.signal).then(
      () => (request.over = 'started'),
      (thrown: Error) => (request.over = thrown.name),
    );
    return request;
  }
}

it('looks four times a second for any number of requests that wait', async () => {
  const upstream = new FakeUpstream();
  upstream.waiting = 50;
  const requests = [];
  for (let sent = 0; sent < 50; sent++) {
    requests.push(upstream.send());
    await upstream.pass(10);
  }
  await upstream.pass(500);
  expect(upstream.looks).toBeGreaterThanOrEqual(4);
  expect(upstream.looks).toBeLessThanOrEqual(5);
  for (const { told, over } of requests) {
    expect(told).toBeGreaterThan(1);
    expect(over).toBe('');
  }
  upstream.waiting = 0;
  await upstream.pass(300);
  expect(new Set(requests.map(({ over }) => over))).toEqual(new Set(['started']));
  expect(upstream.sleepers).toBe(0);
});

it('looks no more when nobody waits, and again for the next one', async () => {
  const upstream = new FakeUpstream();
  const first = upstream.send();
  await upstream.pass(1000);
  expect(first).toMatchObject({ told: 0, over: 'started' });
  expect(upstream.looks).toBe(2);
  upstream.waiting = 1;
  const second = upstream.send();
  await upstream.pass(1000);
  expect(second.told).toBe(4);
  second.leave();
  await upstream.pass(1000);
  expect(second.over).toBe('AbortError');
  expect([upstream.looks, upstream.sleepers]).toEqual([6, 0]);
});

it('goes on for the others when one leaves', async () => {
  const upstream = new FakeUpstream();
  upstream.waiting = 2;
  const [first, second] = [upstream.send(), upstream.send()];
  await upstream.pass(100);
  first.leave();
  await upstream.pass(500);
  expect([first.told, second.told]).toEqual([1, 3]);
  second.leave();
});

it('ends for all where the server has no metrics', async () => {
  const upstream = new FakeUpstream();
  upstream.status = 404;
  const requests = [upstream.send(), upstream.send()];
  await upstream.pass(100);
  expect(requests).toMatchObject([{ over: 'started' }, { over: 'started' }]);
  expect(upstream.looks).toBe(1);
});
