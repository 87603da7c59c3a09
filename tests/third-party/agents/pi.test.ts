import type { AgentTask } from './agent.ts';
import { describeAgent } from './agent-suite.ts';

// A custom provider and model.
const model = ({ model: id }: AgentTask) => ['--model', `headway/${id}`];

describeAgent({
  name: 'pi',
  package: '@earendil-works/pi-coding-agent',
  entry: 'dist/bundle/cli.js',
  newerNode: true,
  args: (task) => ['-p', ...model(task), task.prompt],
  path: '/v1/chat/completions',
  readTool: { name: 'read', arguments: (file) => ({ path: file }) },
  overflow: {
    // After the first prompt there is nothing to compact, and it prints nothing; after the second one there is.
    args: (task) => {
      const half = task.prompt.slice(task.prompt.length / 2);
      return ['-p', '--mode', 'json', ...model(task), half, half];
    },
    says: /"type":"compaction_end","reason":"overflow","result":\{"summary":"This is an answer/,
  },
  unknownModel: { says: /404: .*there is no \\"no-such-model\\"; choose one of: scripted-model/ },
});
