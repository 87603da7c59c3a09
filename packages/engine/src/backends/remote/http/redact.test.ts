import { expect, it } from 'vitest';

import { redact } from './redact.ts';

const secrets = { keys: ['sk-secret', ''], hosts: ['gpu.internal', 'llama'] };

it.each([
  ['key sk-secret, Bearer sk-secret', 'key …, Bearer …'],
  ['connect to GPU.Internal:8000 or gpu.internal', 'connect to … or …'],
  ['see http://user:pw@Other-Host.lan:9000/v1/models?x=1', 'see http://…/v1/models?x=1'],
  ['at https://[fd00::1]:8443/v1', 'at https://…/v1'],
  ['connect ECONNREFUSED 10.1.2.3:8000.', 'connect ECONNREFUSED ….'],
  ['from 192.168.0.1, to fe80::1%eth0, [::1]:80 and fd00:1:2::3', 'from …, to …, … and …'],
  ['cannot open /home/op/models/x.gguf: no such file', 'cannot open …: no such file'],
  ["No such file: '/home/op/my models/x.gguf'", "No such file: '…'"],
  ['path=~/models/x.gguf, or file:///srv/x/y.gguf', 'path=…, or file://…'],
  ['file://gpu.internal/srv/x/y', 'file://……'],
  [String.raw`open C:\Users\op\x.gguf and "D:\my models\x.gguf"`, 'open … and "…"'],
  [String.raw`on \\server\share\x.gguf`, 'on …'],
  ['File "/usr/lib/python3/vllm/engine.py", line 3', 'File "…", line 3'],
])('hides what %j tells of the upstream', (text, shown) => {
  expect(redact(text, secrets)).toBe(shown);
});

it.each([
  'and/or, n/a, 1/2, 2026/01/02, 12:30:45, km/h, a / b',
  'Qwen/Qwen3-0.6B and hf.co/unsloth/gemma:Q4_K_M do not exist; llama3 does',
  'POST /v1/chat/completions: not found; use /api/chat',
  'version 1.2.3 or v1.2.3.4.5; std::vector; a :: b; 300.1.2.3',
  "request (4037 tokens) exceeds the available context size (2048 tokens): '/think' </s> [INST]",
  'top_p must be in (0, 1]',
])('leaves %j as it is', (text) => {
  expect(redact(text, secrets)).toBe(text);
});

it('stays quick with long texts', () => {
  const parts = ['a.', 'a:', '::', '/a', '"/a/', '1.', '//', '\\', 'C:', 'llama'];
  for (const part of parts) {
    const before = process.cpuUsage().user;
    redact(part.repeat(100_000 / part.length), secrets);
    // In microseconds. What grows with the square of the length takes minutes.
    expect(process.cpuUsage().user - before).toBeLessThan(2_000_000);
  }
});
