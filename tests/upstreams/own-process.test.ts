import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

import { describe, expect, it } from 'vitest';

import { startUpstream } from './start-upstream.ts';

const body = JSON.stringify({
  model: 'test-model',
  stream: true,
  messages: [{ role: 'user', content: 'Hello there' }],
});

describe('an upstream', () => {
  it('with a process of its own can be stopped, go on, and be killed in mid-answer', async () => {
    await using upstream = await startUpstream({
      dialect: 'vllm',
      replies: [{ text: 'word ', endless: true }],
      decode: { msPerToken: 1 },
    });
    expect(upstream.pid).not.toBe(process.pid);
    const response = await fetch(`${upstream.url}/v1/chat/completions`, { method: 'POST', body });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);

    await upstream.stop();
    expect(readFileSync(`/proc/${upstream.pid}/status`, 'utf8')).toMatch(/^State:\s+T/m);
    // Connections are still accepted, and what is known stays known.
    const socket = connect(upstream.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
    expect(await upstream.requests()).toMatchObject([{ path: '/v1/chat/completions', closedAfterMs: null }]);
    upstream.resume();
    expect((await (await fetch(`${upstream.url}/version`)).json()) as object).toHaveProperty('version');

    await upstream.kill();
    const rest = async () => {
      while (!(await reader?.read())?.done);
    };
    await expect(rest()).rejects.toThrow();
    await expect(fetch(`${upstream.url}/version`)).rejects.toThrow();
    expect(await upstream.requests()).toHaveLength(2);
    await expect(upstream.request(({ path }) => path === '/never')).rejects.toThrow('the upstream has ended');
  });

  it('can end itself in mid-prefill, and start again at its port', async () => {
    const script = { dialect: 'llama-server' as const, prefill: { batch: 2 } };
    const faulty = { ...script, faults: [{ does: 'exit' as const, at: { read: 0.5 } }] };
    await using upstream = await startUpstream(faulty, { ownProcess: false });
    await expect(
      fetch(`${upstream.url}/v1/chat/completions`, { method: 'POST', body }).then((response) => response.text()),
    ).rejects.toThrow();
    await using again = await startUpstream(script, { port: upstream.port, ownProcess: false });
    expect(again.port).toBe(upstream.port);
    expect((await fetch(`${upstream.url}/v1/chat/completions`, { method: 'POST', body })).status).toBe(200);
  });
});
