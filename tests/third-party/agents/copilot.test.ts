import { describeAgent } from './agent-suite.ts';

describeAgent({
  name: 'GitHub Copilot CLI',
  package: '@github/copilot',
  entry: 'npm-loader.js',
  args: ({ prompt }) => ['--allow-all-tools', '-p', prompt],
  path: '/v1/chat/completions',
  readTool: { name: 'view', arguments: (file) => ({ path: file }) },
  overflow: { says: /This model's maximum context length is 8192 tokens/ },
  unknownModel: { says: /Model 'no-such-model' not found on provider/ },
});
