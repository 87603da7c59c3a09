import { Worker } from 'node:worker_threads';

/** Requests `/healthz` every 100 ms in its own thread, so that the test's own work does not delay it. */
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

/** The latency of another client. */
export interface Health {
  /** Time of each response in ms, sorted; a failed request counts as infinite. */
  times: number[];
}

/** Requests `/healthz` from now on, each time over a new connection. */
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
