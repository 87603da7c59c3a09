import { once } from 'node:events';

import { dialects } from './dialects/dialects.ts';
import { UpstreamServer } from './serving/upstream-server.ts';
import type { PingMessage, ScriptMessage, UpstreamNews } from './upstream-script.ts';

// The process of one upstream. It does what its parent's messages say, and ends with its parent.
process.once('disconnect', () => process.exit());
const [{ script }] = (await once(process, 'message')) as [ScriptMessage];
const tell = (news: UpstreamNews) => process.send?.(news);
const server = new UpstreamServer(dialects[script.dialect], script, tell, () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (message: ScriptMessage | PingMessage) => {
  if (message.type === 'ping') tell({ type: 'pong', id: message.id });
  else server.change(message.script);
});
server.listen(Number(process.argv[2] ?? 0));
