import { expect, test } from 'vitest';

import { parseChatCommand } from './chat-command-line.ts';

test.for([
  ['/help', { kind: 'help' }],
  [' /EXIT ', { kind: 'exit' }],
  ['/system Be brief.', { kind: 'system', argument: 'Be brief.' }],
  ['/system', { kind: 'system', argument: '' }],
  ['/save my talk.md', { kind: 'save', argument: 'my talk.md' }],
  ['/nonsense', { kind: 'unknown', name: 'nonsense' }],
  ['//help', null],
  ['/etc/passwd is a file', null],
  ['what is /help', null],
] as const)('parseChatCommand reads %j', ([line, command]) => {
  expect(parseChatCommand(line)).toEqual(command);
});
