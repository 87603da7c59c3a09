import { describeAgent } from './agent-suite.ts';

describeAgent({
  name: 'Cline',
  package: 'cline',
  entry: 'bin/cline',
  args: ({ prompt }) => [prompt],
  // feature flags
  asksAlso: ['data.cline.bot:443'],
  path: '/v1/chat/completions',
  readTool: { name: 'read_files', arguments: (file) => ({ files: [{ path: file }] }) },
  overflow: { says: /context window exceeded — compacting and retrying/ },
  unknownModel: { says: /model: there is no "no-such-model"; choose one of: scripted-model/ },
});
