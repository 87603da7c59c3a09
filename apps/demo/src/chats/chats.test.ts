import { sampleDone, sampleError, samplePrefill, sampleToken } from '@headway/protocol/testing';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';

import type { Draft } from '../composer/draft.ts';
import { shownBranch } from '../conversation/tree.ts';
import { createBrowser, settled, type Tab } from './tabs.fixture.ts';

beforeAll(() => {
  vi.stubGlobal('requestAnimationFrame', setImmediate);
  vi.stubGlobal('cancelAnimationFrame', clearImmediate);
});
afterAll(() => void vi.unstubAllGlobals());

const options = { settings: {}, models: [null], choices: 1 };
const draft = (text: string): Draft => ({ text, documents: [] });
const done = () => [sampleDone({ seq: 9, finishReason: 'stop' })];

function setUp() {
  const browser = createBrowser();
  const tabs: Tab[] = [];
  onTestFinished(() => tabs.forEach((tab) => tab.close()));
  const open = async (show?: string | null) => {
    const tab = await browser.openTab(show);
    tabs.push(tab);
    return tab;
  };
  return { ...browser, open };
}

/** What a tab shows: each message with its answer, and how many versions there are of both. */
function shown({ library, chats }: Tab) {
  const { messages, current } = library.getState();
  return shownBranch(messages, current?.chosen ?? {}).map(({ question, versions, reply, replies }) => {
    const live = reply && !reply.result ? chats.runs.get(reply.generation)?.getState() : reply?.result;
    return [question.text, versions.length, live?.text ?? null, live?.state ?? null, replies.length];
  });
}

const generationsOf = ({ library }: Tab) => library.getState().open.map(({ generation }) => generation);
const lastGeneration = (tab: Tab) => generationsOf(tab).at(-1) ?? '';
const currentId = ({ library }: Tab) => library.getState().current?.id ?? '';

test('a message makes a conversation, and its answer streams into it and is stored at its end', async () => {
  const { open, gateway, shelf } = setUp();
  const tab = await open();
  expect(tab.chats.send(draft('Why?'), options)).toBeNull();
  const id = lastGeneration(tab);
  gateway.push(id, samplePrefill({ processed: 10 }), sampleToken({ text: 'Because' }));
  await settled();
  expect(shown(tab)).toEqual([['Why?', 1, 'Because', 'decode', 1]]);
  gateway.push(id, sampleToken({ seq: 2, text: ' so.' }), ...done());
  await settled();
  expect(shown(tab)).toEqual([['Why?', 1, 'Because so.', 'done', 1]]);
  expect(tab.library.getState()).toMatchObject({ open: [], fault: null, current: { title: 'Why?' } });
  expect(await shelf.openReplies()).toEqual([]);
  expect(gateway.requests.get(id)).toMatchObject({ id, messages: [{ role: 'user', content: 'Why?' }] });
  expect(await tab.library.texts()).toEqual(new Map([[currentId(tab), 'Why?\nBecause so.']]));
});

test('an answer goes on while another conversation is shown', async () => {
  const { open, gateway } = setUp();
  const tab = await open();
  tab.chats.send(draft('First'), options);
  const [id, first] = [lastGeneration(tab), currentId(tab)];
  await tab.library.open(null);
  expect(shown(tab)).toEqual([]);
  tab.chats.send(draft('Second'), options);
  gateway.push(id, sampleToken({ text: 'Done meanwhile' }), ...done());
  await settled();
  expect(shown(tab)).toEqual([['Second', 1, '', 'connecting', 1]]);
  await tab.library.open(first);
  expect(shown(tab)).toEqual([['First', 1, 'Done meanwhile', 'done', 1]]);
});

test('a message of one tab appears and streams in the other, and both show the same end', async () => {
  const { open, gateway } = setUp();
  const [one, two] = [await open(), await open()];
  one.chats.send(draft('Hello'), options);
  await settled();
  expect(two.library.getState().conversations.map(({ title }) => title)).toEqual(['Hello']);
  await two.library.open(currentId(one));
  const id = lastGeneration(one);
  gateway.push(id, sampleToken({ text: 'Hi' }));
  await settled();
  expect(shown(two)).toEqual([['Hello', 1, 'Hi', 'decode', 1]]);
  gateway.push(id, ...done());
  await settled();
  expect(shown(two)).toEqual([['Hello', 1, 'Hi', 'done', 1]]);
  const results = [one, two].map(({ library }) => library.getState().messages.find(({ kind }) => kind === 'reply'));
  expect(results[1]).toEqual(results[0]);

  two.chats.send(draft('More'), options);
  await settled();
  expect(shown(one).map(([text]) => text)).toEqual(['Hello', 'More']);
});

test('another tab watches an answer that it does not show, so that it goes on when its tab is closed', async () => {
  const { open, gateway } = setUp();
  const [one, two] = [await open(), await open()];
  one.chats.send(draft('Hello'), options);
  await settled();
  const [id, conversation] = [lastGeneration(one), currentId(one)];
  expect([two.client.watched, two.library.getState().current]).toEqual([[id], null]);
  one.close();
  gateway.push(id, sampleToken({ text: 'Still here' }), ...done());
  await settled();
  await two.library.open(conversation);
  expect(shown(two)).toEqual([['Hello', 1, 'Still here', 'done', 1]]);
});

test('a reloaded page shows the answer that runs', async () => {
  const { open, gateway } = setUp();
  const before = await open();
  before.chats.send(draft('Hello'), options);
  const [id, conversation] = [lastGeneration(before), currentId(before)];
  gateway.push(id, sampleToken({ text: 'Half' }));
  await settled();
  const after = await open(conversation);
  await settled();
  expect(shown(after)).toEqual([['Hello', 1, 'Half', 'decode', 1]]);
});

test('rename, pin, delete and undo of one tab show in the other', async () => {
  const { open, clock } = setUp();
  const [one, two] = [await open(), await open()];
  const titles = () => two.library.getState().conversations.map(({ title, pinned }) => (pinned ? `* ${title}` : title));
  for (const text of ['First', 'Second']) {
    await one.library.open(null);
    one.chats.send(draft(text), options);
    clock.now += 1000;
  }
  await settled();
  const second = currentId(one);
  const first = one.library.getState().conversations.find(({ id }) => id !== second)?.id ?? '';
  await two.library.open(first);
  one.library.update(first, (each) => ({ ...each, title: 'Renamed', named: true }));
  await settled();
  expect([titles(), two.library.getState().current?.title]).toEqual([['Second', 'Renamed'], 'Renamed']);
  one.library.update(first, (each) => ({ ...each, pinned: true }));
  await settled();
  expect(titles()).toEqual(['* Renamed', 'Second']);
  one.chats.delete(first);
  await settled();
  expect(titles()).toEqual(['Second']);
  expect(two.library.getState()).toMatchObject({ current: null, messages: [], deleted: [{ id: first }] });
  two.library.restore(first);
  await settled();
  expect(one.library.getState().conversations).toHaveLength(2);
  // Whoever began another chat meanwhile is not taken away from it.
  expect(two.library.getState().current).toBeNull();
});

test('a deleted conversation stops what writes in it, also from another tab', async () => {
  const { open, gateway } = setUp();
  const [one, two] = [await open(), await open()];
  one.chats.send(draft('Hello'), options);
  await settled();
  const [id, conversation] = [lastGeneration(one), currentId(one)];
  gateway.push(id, sampleToken({ text: 'Half' }));
  await settled();
  two.chats.delete(conversation);
  expect(two.client.cancels).toEqual([id]);
  gateway.push(id, sampleDone({ finishReason: 'cancelled', seq: 9 }));
  await settled();
  one.library.restore(conversation);
  await settled();
  await one.library.open(conversation);
  expect(shown(one)).toEqual([['Hello', 1, 'Half', 'done', 1]]);
});

test('a tab that asks before the gateway knows the generation shows it as waiting, and asks again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { open, gateway } = setUp();
  const [one, two] = [await open(), await open()];
  one.client.reaches = false;
  one.chats.send(draft('Hello'), options);
  await settled();
  const id = lastGeneration(one);
  await two.library.open(currentId(one));
  const store = two.chats.runs.get(id);
  expect([two.client.watched, store?.getState().state]).toEqual([[id], 'error']);
  expect(two.library.getState().open).toHaveLength(1);
  gateway.take(id);
  gateway.push(id, sampleToken({ text: 'Here' }));
  await vi.advanceTimersByTimeAsync(600);
  await settled();
  // Components hold the store that they have seen, so it is the same one.
  expect([two.chats.runs.get(id) === store, shown(two)]).toEqual([true, [['Hello', 1, 'Here', 'decode', 1]]]);
});

test('a tab that never found the generation does not spoil the answer of the tab that started it', async () => {
  const { open, gateway, clock } = setUp();
  const [one, two] = [await open(), await open()];
  one.client.reaches = false;
  one.chats.send(draft('Hello'), options);
  clock.now += 60_000;
  await settled();
  await two.library.open(currentId(one));
  expect(shown(two)).toEqual([['Hello', 1, '', 'error', 1]]);
  const [waiting] = one.client.waiting;
  expect(waiting?.id).toBeDefined();
  waiting?.view.push(sampleToken({ text: 'Late, but whole' }));
  waiting?.view.push(sampleDone({ seq: 1 }));
  await settled();
  expect(shown(one)).toEqual([['Hello', 1, 'Late, but whole', 'done', 1]]);
  expect(shown(two)).toEqual([['Hello', 1, 'Late, but whole', 'done', 1]]);
  expect(gateway.knows(waiting?.id ?? '')).toBe(false);
});

test('a tab that lost the gateway takes the end from the other tab', async () => {
  const { open, gateway, shelf } = setUp();
  const [one, two] = [await open(), await open()];
  one.chats.send(draft('Hello'), options);
  await settled();
  const id = lastGeneration(one);
  gateway.push(id, sampleToken({ text: 'Half' }));
  await settled();
  gateway.lose(one.client.views);
  await settled();
  expect(shown(one)).toEqual([['Hello', 1, 'Half', 'error', 1]]);
  expect(await shelf.openReplies()).toHaveLength(1);
  gateway.push(id, sampleToken({ seq: 2, text: ' and half' }), ...done());
  await settled();
  expect(two.library.getState().open).toEqual([]);
  expect(shown(one)).toEqual([['Hello', 1, 'Half and half', 'done', 1]]);
});

test('an answer that was lost from sight is watched again when the gateway is back', async () => {
  const { open, gateway } = setUp();
  const tab = await open();
  tab.chats.send(draft('Hello'), options);
  const id = lastGeneration(tab);
  await settled();
  gateway.lose(tab.client.views);
  await settled();
  expect(shown(tab)).toEqual([['Hello', 1, '', 'error', 1]]);
  gateway.push(id, sampleToken({ text: 'Written meanwhile' }));
  tab.client.become('open');
  await settled();
  expect(shown(tab)).toEqual([['Hello', 1, 'Written meanwhile', 'decode', 1]]);
});

test('a gateway that starts again leaves what was written', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { open, gateway, clock } = setUp();
  const before = await open();
  before.chats.send(draft('Hello'), options);
  const [id, conversation] = [lastGeneration(before), currentId(before)];
  gateway.push(id, sampleToken({ text: 'Once upon', completionTokens: 2 }));
  await settled();
  vi.advanceTimersByTime(3000);
  await settled();
  before.close();
  gateway.restart();
  clock.now += 60_000;
  const after = await open(conversation);
  await settled();
  expect(shown(after)).toEqual([['Hello', 1, 'Once upon', 'error', 1]]);
});

test('an edited message and another answer are versions, and the earlier ones stay', async () => {
  const { open, gateway } = setUp();
  const tab = await open();
  const answer = async (text: string) => {
    gateway.push(lastGeneration(tab), sampleToken({ text }), ...done());
    await settled();
  };
  tab.chats.send(draft('One'), options);
  await answer('first');
  tab.chats.send(draft('Two'), options);
  await answer('second');
  const [question] = shownBranch(tab.library.getState().messages, {});
  const id = question?.question.id ?? '';
  expect(tab.chats.answerAgain(id, options)).toBeNull();
  await answer('first again');
  expect(shown(tab)).toEqual([['One', 1, 'first again', 'done', 2]]);
  tab.chats.choose(id, question?.reply?.id ?? '');
  expect(shown(tab)).toEqual([
    ['One', 1, 'first', 'done', 2],
    ['Two', 1, 'second', 'done', 1],
  ]);
  expect(tab.chats.resend(id, draft('Uno'), options)).toBeNull();
  await answer('primero');
  expect(shown(tab)).toEqual([['Uno', 2, 'primero', 'done', 1]]);
  tab.chats.choose(null, id);
  expect(shown(tab).map(([text]) => text)).toEqual(['One', 'Two']);
  expect(tab.chats.resend('unknown', draft('x'), options)).toBeNull();
  expect(gateway.requests.size).toBe(4);
});

test('two tabs that write at once lose neither message', async () => {
  const { open, gateway } = setUp();
  const one = await open();
  one.chats.send(draft('Hello'), options);
  gateway.push(lastGeneration(one), sampleToken({ text: 'Hi' }), ...done());
  await settled();
  const two = await open(currentId(one));
  one.library.update(currentId(one), (each) => ({ ...each, title: 'Kept', named: true }));
  one.chats.send(draft('From one'), options);
  two.chats.send(draft('From two'), options);
  await settled();
  for (const tab of [one, two]) {
    expect(tab.library.getState().current?.title).toBe('Kept');
    expect(shown(tab)).toHaveLength(2);
    expect(shown(tab)[1]?.[1]).toBe(2);
  }
});

test('a message that is too large for a request is refused and not kept', async () => {
  const { open, gateway } = setUp();
  const tab = await open();
  expect(tab.chats.send(draft('x'.repeat(5_000_000)), options)).toMatch(/Attach less/);
  expect([gateway.requests.size, tab.library.getState().conversations]).toEqual([0, []]);
});

test('several answers are stopped one by one or all at once', async () => {
  const { open, gateway } = setUp();
  const tab = await open();
  tab.chats.send(draft('Hello'), { ...options, choices: 2 });
  const replies = tab.library.getState().open;
  const [first] = replies;
  await settled();
  if (!first) throw new Error('no reply');
  tab.chats.stop({ ...first, index: 1 });
  expect(tab.client.cancels).toEqual([`${first.generation} 1`]);
  tab.chats.stopAll(replies);
  expect(gateway.cancelled).toEqual([first.generation]);
  expect(tab.chats.conversationOf(first.generation)).toBe(currentId(tab));
});

test('an answer that failed for one reason is not asked for again', async () => {
  const { open, gateway } = setUp();
  const tab = await open();
  tab.chats.send(draft('Hello'), options);
  gateway.push(lastGeneration(tab), sampleError({ code: 'engine-crashed' }));
  await settled();
  expect(shown(tab)).toEqual([['Hello', 1, '', 'error', 1]]);
  expect(tab.client.watched).toEqual([]);
});
