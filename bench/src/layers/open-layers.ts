import { bareDecode } from '../llama-cpp/bare-decode.ts';
import { ask } from '../peers/ask.ts';
import { startHeadway } from '../peers/servers.ts';
import { writeInStep } from '../write-in-step.ts';
import { storyPrompt, type Layer, type LayerOptions } from './layer.ts';
import { startProcessLayer } from './process-layers.ts';

/** The size of libuv's pool in the engine's own process, so that layers differ in nothing else. */
const poolOfOne = { UV_THREADPOOL_SIZE: '1' };

/** All layers, the lowest first; llama.cpp's own where its benchmark is there. */
export async function openLayers(batchedBench: string | null, options: LayerOptions): Promise<Layer[]> {
  return [
    ...(batchedBench === null ? [] : [llamaCppLayer(batchedBench, options)]),
    await startProcessLayer('node-llama-cpp, pool of four', 'bare', options),
    await startProcessLayer('node-llama-cpp, pool of one', 'bare', options, poolOfOne),
    await startProcessLayer('engine inline', 'inline', options, poolOfOne),
    await startProcessLayer('engine isolated', 'isolated', options),
    await startGatewayLayer(options),
  ];
}

function llamaCppLayer(batchedBench: string, { model, threads }: LayerOptions): Layer {
  return {
    name: 'llama.cpp',
    write: (streams, tokens) => bareDecode(batchedBench, { model, threads, streams, tokens }),
    close: () => Promise.resolve(),
  };
}

/** `headway serve` over HTTP. The client's processor time does not count. */
async function startGatewayLayer({ model, threads, streams, contextSize }: LayerOptions): Promise<Layer> {
  const peer = await startHeadway({ model, threads, slots: streams, context: contextSize, flags: [] });
  let prompts = 0;
  return {
    name: 'gateway over HTTP',
    write: (together, maxTokens) =>
      writeInStep(
        together,
        () => peer.cost().cpuMs,
        async (_stream, onText) => {
          const { tokens } = await ask(peer.url, storyPrompt(prompts++), { maxTokens, onText });
          return tokens;
        },
      ),
    close: () => peer.close(),
  };
}
