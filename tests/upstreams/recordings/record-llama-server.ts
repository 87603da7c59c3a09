import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { recordExchange, recordExchanges } from './llama-exchanges.ts';

// Records the forms of what a real llama-server answers into llama-server.json, without any text of a model:
// node --import tsx tests/upstreams/recordings/record-llama-server.ts LLAMA_SERVER MODEL.gguf
const [program, model] = process.argv.slice(2);
if (!program || !model) throw new Error('name the llama-server and a model file with a chat template');

const finder = createServer().listen(0, '127.0.0.1');
await once(finder, 'listening');
const { port } = finder.address() as AddressInfo;
finder.close();
const url = `http://127.0.0.1:${port}`;

const child = spawn(program, ['--model', model, '--port', String(port), '-c', '4096', '-np', '2', '-t', '1'], {
  stdio: 'ignore',
});
try {
  const loading = await untilAnswered();
  for (;;) {
    const { status } = await fetch(`${url}/health`);
    if (status === 200) break;
    await sleep(20);
  }
  const records = { loading, ...(await recordExchanges(url)) };
  writeFileSync(new URL('llama-server.json', import.meta.url), `${JSON.stringify(records, null, 2)}\n`);
} finally {
  child.kill('SIGKILL');
}

/** The first answer, while the model still loads. */
async function untilAnswered() {
  for (;;) {
    try {
      return await recordExchange(url, { method: 'GET', path: '/health' });
    } catch {
      await sleep(1);
    }
  }
}
