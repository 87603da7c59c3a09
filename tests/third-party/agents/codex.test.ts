import { describeAgent } from './agent-suite.ts';

describeAgent({
  name: 'Codex',
  package: '@openai/codex',
  entry: 'bin/codex.js',
  // Runs without the sandbox for commands: it is not under test, and needs permissions that some machines lack.
  args: ({ prompt }) => ['exec', '--skip-git-repo-check', '--sandbox', 'danger-full-access', prompt],
  path: '/v1/responses',
  readTool: { name: 'exec_command', arguments: (file) => ({ cmd: `cat '${file}'` }) },
  overflow: { says: /Codex ran out of room in the model's context window/ },
  unknownModel: { says: /404 Not Found: model: there is no "no-such-model"; choose one of: scripted-model/ },
});
