// Opens the embedded model with its weights locked, and prints what became of it.
import { createEngine } from '../../../create-engine.ts';
import { embeddedBackend } from '../embedded-model.fixture.ts';

const engine = await createEngine({ backend: embeddedBackend({ mlock: true }), parallel: 1, contextSize: 256 });
const [info] = await engine.models();
process.stdout.write(JSON.stringify(info));
await engine.close();
