import { idleGeneration } from '@headway/client/react';
import { sampleError, samplePrefill } from '@headway/protocol/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  sampleConversation,
  sampleQuestion,
  sampleReply,
  sampleResult,
} from '../conversation/sample-records.fixture.ts';
import { shownBranch } from '../conversation/tree.ts';
import { exportJson } from './export-conversations.ts';
import { importConversations } from './import-conversations.ts';
import type { Message } from './records.ts';

const read = (content: string) => {
  const found = importConversations(content);
  if ('problem' in found) throw new Error(found.problem);
  return found;
};

const problem = (content: unknown) => {
  const found = importConversations(typeof content === 'string' ? content : JSON.stringify(content));
  return 'problem' in found ? found.problem : 'none';
};

const file = (more: object = {}) => ({
  headwayConversations: 1,
  conversations: [sampleConversation()],
  messages: [sampleQuestion()],
  ...more,
});

const document = {
  id: 'd1',
  name: 'plan.html',
  text: 'The plan',
  bytes: 8,
  note: 'Page 2 has no text.',
  other: { form: 'source' as const, text: '<p>The plan' },
};

test('what was exported comes back as it was', () => {
  const conversations = [sampleConversation({ pinned: true, chosen: { beginning: 'q', q: 'r' }, model: 'm' })];
  const result = sampleResult('Yes', {
    prefill: samplePrefill({ processed: 10, cached: 4 }),
    spans: [{ name: 'plan.html', number: 1, of: 1, processed: 8, cached: 0, total: 8 }],
    samples: [{ elapsedMs: 5, phase: 'prefill', waiting: false, processed: 4, completionTokens: 0 }],
    reasoning: 'Hm',
    reasoningTokens: 1,
    reasoningMs: 7,
    heartbeat: 3,
    toolCalls: [{ id: 't', name: 'look', arguments: '{}' }],
  });
  const failed = {
    ...idleGeneration,
    id: 'g',
    state: 'error' as const,
    error: sampleError({ code: 'engine-crashed' }),
  };
  const messages: Message[] = [
    sampleQuestion({ documents: [document] }),
    sampleReply({ result, set: 's' }),
    sampleReply({ id: 'r2', result: failed, index: 1, model: 'm' }),
  ];
  const back = read(exportJson(conversations, messages));
  expect(back.conversations).toEqual(conversations);
  expect(back.messages.slice(0, 2)).toEqual(messages.slice(0, 2));
  expect(back.messages[2]).toMatchObject({ result: { state: 'error', error: { code: 'engine-crashed' } } });
});

test('any conversation survives the way through a file', () => {
  const id = fc.stringMatching(/^[a-z][\w-]{0,20}$/);
  const text = fc.string({ unit: 'grapheme', maxLength: 40 });
  const time = fc.integer({ min: 0, max: 4e12 });
  const messages = fc.array(
    fc.oneof(
      fc.record({ id, text, parent: fc.option(id), created: time }).map((more) => sampleQuestion(more)),
      fc
        .record({ id, parent: id, created: time, generation: id, text, set: fc.constant(null) })
        .map(({ text: written, ...more }) =>
          sampleReply({ ...more, result: sampleResult(written, { id: more.generation }) }),
        ),
    ),
    { maxLength: 12 },
  );
  const conversation = fc
    .record({
      title: fc.string({ maxLength: 60 }),
      created: time,
      changed: time,
      pinned: fc.boolean(),
      chosen: fc.dictionary(id, id),
    })
    .map((more) => sampleConversation({ ...more, chosen: { ...more.chosen } }));
  fc.assert(
    fc.property(conversation, messages, (one, all) => {
      const back = read(exportJson([one], all));
      expect(back).toEqual({ conversations: [one], messages: all });
      // Whatever the parents are, the walk ends.
      expect(shownBranch(back.messages, one.chosen).length).toBeLessThanOrEqual(all.length);
    }),
    { numRuns: 200 },
  );
});

test('an answer that ran at the export ends with what it had', () => {
  const running = sampleReply({ soFar: { text: 'Half', reasoning: '', completionTokens: 1 } });
  const [reply] = read(exportJson([sampleConversation()], [running])).messages;
  expect(reply).toMatchObject({ result: { state: 'done', text: 'Half', finishReason: 'cancelled' } });
  expect(reply).not.toHaveProperty('soFar');
});

test.each<[string, unknown, RegExp]>([
  ['no JSON', 'Hello', /is not JSON\. Choose a file/],
  ['another file', {}, /has no exported chats\. Choose a file/],
  ['a list', [], /has no exported chats/],
  ['null', 'null', /has no exported chats/],
  ['a later format', file({ headwayConversations: 2 }), /headwayConversations/],
  ['no messages', { headwayConversations: 1, conversations: [] }, /messages: is missing/],
  [
    'a title of another type',
    file({ conversations: [{ ...sampleConversation(), title: 5 }] }),
    /conversations\[0\]\.title/,
  ],
  ['an unknown kind', file({ messages: [{ kind: 'note' }] }), /messages\[0\]\.kind/],
  ['an id that is no id', file({ messages: [sampleQuestion({ id: '../x' })] }), /messages\[0\]\.id/],
  [
    'a number beyond time',
    '{"headwayConversations":1,"conversations":[{"id":"c","title":"","created":1e999,"changed":1}],"messages":[]}',
    /conversations\[0\]\.created/,
  ],
  [
    'a negative count',
    file({ messages: [sampleReply({ result: { ...sampleResult(''), completionTokens: -1 } })] }),
    /messages\[0\]\.result\.completionTokens/,
  ],
  [
    'a message of no conversation',
    file({ messages: [sampleQuestion({ conversation: 'x' })] }),
    /messages\[0\]\.conversation: names no conversation/,
  ],
  [
    'more answers side by side than fit',
    file({
      messages: Array.from({ length: 9 }, (_, at) => sampleReply({ id: `r${at}`, set: 's', result: sampleResult('') })),
    }),
    /messages\[8\]\.set: is the set of more than 8/,
  ],
])('a file with %s is refused with the wrong field', (_name, content, expected) => {
  expect(problem(content)).toMatch(expected);
  expect(problem(content).length).toBeLessThan(400);
});

test('unknown fields, missing documents and hostile keys do no harm', () => {
  const hostile = `{
    "headwayConversations": 1, "__proto__": { "polluted": 1 }, "more": { "constructor": 1 },
    "conversations": [{ "id": "c", "title": "x", "created": 1, "changed": 1, "chosen": { "__proto__": "q", "constructor": "r" }, "deleted": 5 }],
    "messages": [
      { "kind": "question", "id": "constructor", "conversation": "c", "parent": null, "created": 1, "text": "x" },
      { "kind": "question", "id": "beginning", "conversation": "c", "parent": "r", "created": 1, "text": "x" },
      { "kind": "reply", "id": "r", "conversation": "c", "parent": "beginning", "created": 1, "generation": "g" }
    ]
  }`;
  const { conversations, messages } = read(hostile);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(conversations[0]?.deleted).toBeNull();
  expect(Object.getPrototypeOf(conversations[0]?.chosen)).toBe(Object.prototype);
  expect(messages[0]).toMatchObject({ documents: [] });
  expect(shownBranch(messages, conversations[0]?.chosen ?? {}).map(({ question }) => question.id)).toEqual([
    'constructor',
  ]);
});
