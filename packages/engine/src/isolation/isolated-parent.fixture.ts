// A program with an isolated engine, to be killed: prints the engine's process id once the third token of its prompt,
// which says what happens then, is near.
import { openIsolated } from './open-isolated.fixture.ts';

const { engine, pid } = await openIsolated();
for await (const event of engine.generate({ prompt: process.argv[2] ?? '', ignoreEos: true })) {
  if (event.type === 'token' && event.completionTokens === 2) process.stdout.write(`${pid()}\n`);
}
