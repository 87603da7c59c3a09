// Builds llama-server from the source that node-llama-cpp was built from, and prints its path. Options for cmake follow.
import { buildLlamaCpp } from './llama-cpp/build-llama-cpp.ts';

const { server } = await buildLlamaCpp(process.argv.slice(2));
console.log(server);
