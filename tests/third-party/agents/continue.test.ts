import { describeAgent } from './agent-suite.ts';

describeAgent({
  name: 'Continue',
  package: '@continuedev/cli',
  entry: 'dist/cn.js',
  args: ({ prompt }) => ['-p', prompt],
  path: '/v1/chat/completions',
  readTool: { name: 'Read', arguments: (file) => ({ filepath: file }) },
  overflow: { says: /Context length exceeded: Error: 400 This model's maximum context length/ },
  unknownModel: { says: /404 model: there is no \\"no-such-model\\"; choose one of: scripted-model/ },
});
