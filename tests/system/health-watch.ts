import { Worker } from 'node:worker_threads';

/** Asks every 100 ms, in a thread of its own, so that what the test itself does makes no answer look late. */
const source = `
const { workerData, parentPort } = require('node:worker_threads');
const { get } = require('node:http');
let asking = true;
const times = [];
parentPort.on('message', () => (asking = false));
function ask() {
  const start = performance.now();
  const next = (time) => {
    times.push(time);
    if (asking) return setTimeout(ask, 100);
    parentPort.postMessage({ times: times.sort((a, b) => a - b) });
    parentPort.close();
  };
  get(workerData, { agent: false }, (response) => {
    const isWell = response.statusCode === 200;
    response.resume().on('end', () => next(isWell ? Math.round(performance.now() - start) : Infinity));
  }).on('error', () => next(Infinity));
}
ask();
`;

/** How another client fares meanwhile. */
export interface Health {
  /** How long each answer took, in ms, the longest last; what was no answer took for ever. */
  times: number[];
}

/** Looks at `/healthz` from now on, on a new connection each time. */
export function watchHealth(url: string): AsyncDisposable & { stop: () => Promise<Health> } {
  const worker = new Worker(source, { eval: true, workerData: `${url}/healthz` });
  return {
    stop: () =>
      new Promise((resolve, reject) => {
        worker.once('message', resolve).once('error', reject);
        worker.postMessage('stop');
      }),
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}
