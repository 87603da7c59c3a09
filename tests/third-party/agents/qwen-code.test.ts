import { describeAgent } from './agent-suite.ts';

describeAgent({
  name: 'Qwen Code',
  package: '@qwen-code/qwen-code',
  entry: 'cli-entry.js',
  newerNode: true,
  args: ({ prompt }) => ['-p', prompt],
  path: '/v1/chat/completions',
  readTool: { name: 'read_file', arguments: (file) => ({ file_path: file }) },
  overflow: { says: /This model's maximum context length is 8192 tokens/ },
  unknownModel: { says: /404 model: there is no "no-such-model"; choose one of: scripted-model/ },
});
