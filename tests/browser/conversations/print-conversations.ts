// Prints how long the demo takes with many chats: `npm run bench -- conversations`.
import { launchBrowser } from '../launch-browser.ts';
import { startScriptedDemo } from '../scripted-demo.ts';
import { fillBrowser, large } from './fill-browser.ts';
import { measureConversations, type ConversationTimes } from './measure-conversations.ts';

const visits = 5;

const print = (line: string) => process.stdout.write(`${line}\n`);

await using demo = await startScriptedDemo({ script: { reply: 'Yes.' } });
const browser = await launchBrowser();
const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
await fillBrowser(context, demo.gateway.url, large);
const times: ConversationTimes[] = [];
for (let visit = 0; visit < visits; visit++) {
  times.push(await measureConversations(context, demo.gateway.url, large.conversations));
}
await browser.close();

print(`${large.conversations} chats of ${large.messages} messages, ${visits} visits:`);
print('| | shortest | median | longest |\n|---|--:|--:|--:|');
const row = (name: string, of: (one: ConversationTimes) => number) => {
  const sorted = times.map(of).toSorted((a, b) => a - b);
  const ms = (value = NaN) => `${value.toFixed(0)} ms`;
  print(`| ${name} | ${ms(sorted[0])} | ${ms(sorted[Math.floor(visits / 2)])} | ${ms(sorted.at(-1))} |`);
};
row('from the document to the whole list', ({ listMs }) => listMs);
row('from the first word to the results', ({ searchMs }) => searchMs);
row('from another word to the results', ({ nextSearchMs }) => nextSearchMs);
row('from a press on a chat to its messages', ({ showMs }) => showMs);
row('longest task while a message is written', ({ writingTaskMs }) => writingTaskMs);
