import { expect, test } from 'vitest';

import { endFault } from './stream-end.ts';
import { streamItems } from './stream-items.ts';
import type { SurfaceId } from './surfaces.ts';

const finish = 'data: {"choices": [{"delta": {}, "finish_reason": "length"}]}\n\n';

const cases: [SurfaceId, string, string | null][] = [
  ['chat', `${finish}data: [DONE]\n\n`, null],
  ['completions', `${finish}: keep-alive\n\ndata: [DONE]\n\n`, null],
  ['chat', 'data: {"choices": []}\n\ndata: [DONE]\n\n', 'no chunk carries a finish_reason'],
  ['chat', finish, 'the stream ended without data: [DONE]'],
  ['chat', ': keep-alive\n\n', 'the stream ended without an event'],
  ['chat', '', 'the stream ended without an event'],
  ['chat', `data: {"error": {"message": "no more"}}\n\n${finish}data: [DONE]\n\n`, 'the answer failed: no more'],
  ['chat', `data: {"error": "no more"}\n\n`, 'the answer failed: no more'],
  ['responses', 'data: {"type": "response.completed"}\n\n', null],
  ['responses', 'data: {"type": "response.incomplete"}\n\n', null],
  [
    'responses',
    'data: {"type": "response.in_progress"}\n\n',
    'the stream ended without response.completed or response.incomplete',
  ],
  ['messages', 'event: message_stop\ndata: {"type": "message_stop"}\n\n', null],
  ['messages', 'event: ping\ndata: {"type": "ping"}\n\n', 'the stream ended without message_stop'],
];

test.each(cases)('the fault of the %s stream %j is %s', (surface, stream, fault) => {
  expect(endFault(surface, streamItems(stream))).toBe(fault);
});
