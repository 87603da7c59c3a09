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
  get(workerData, { agent: false }, (response) => {
    response.resume().on('end', () => {
      times.push(response.statusCode === 200 ? Math.round(performance.now() - start) : Infinity);
      if (asking) return setTimeout(ask, 100);
      parentPort.postMessage({ times: times.sort((a, b) => a - b) });
      parentPort.close();
    });
  });
}
ask();
`;

/** How another client fares meanwhile. */
export interface Health {
  /** How long each answer took, in ms, the longest last; what was no answer took for ever. */
  times: number[];
}

/** Looks at `/healthz` from now on, on a new connection each time. */
export function watchHealth(url: string): { stop: () => Promise<Health> } {
  const worker = new Worker(source, { eval: true, workerData: `${url}/healthz` });
  return {
    stop: () =>
      new Promise((resolve, reject) => {
        worker.once('message', resolve).once('error', reject);
        worker.postMessage('stop');
      }),
  };
}
