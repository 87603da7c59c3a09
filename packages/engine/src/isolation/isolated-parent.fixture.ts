// A program with an isolated engine, for a test to kill. Prints the process id of the engine at the second token of the
// prompt in argv[2]; the third token triggers the prompt's fault, if it has one.
import { openIsolated } from './open-isolated.fixture.ts';

const { engine, pid } = await openIsolated();
for await (const event of engine.generate({ prompt: process.argv[2] ?? '', ignoreEos: true })) {
  if (event.type === 'token' && event.completionTokens === 2) process.stdout.write(`${pid()}\n`);
}
