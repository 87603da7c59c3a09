import { describeAgent } from './agent-suite.ts';

describeAgent({
  name: 'Claude Code',
  package: '@anthropic-ai/claude-code',
  entry: 'cli-wrapper.cjs',
  args: ({ prompt }) => ['-p', prompt],
  path: '/v1/messages',
  readTool: { name: 'Read', arguments: (file) => ({ file_path: file }) },
  overflow: { says: /Prompt is too long · the request is ~\d+ tokens \(limit \d+\)/ },
  unknownModel: { says: /There's an issue with the selected model \(no-such-model\)\. It may not exist/ },
});
