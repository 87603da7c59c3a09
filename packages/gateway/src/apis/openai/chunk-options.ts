import type { IncomingHttpHeaders } from 'node:http';

import type { AnswerHead } from '../../surface/generation-surface.ts';
import { readProgressDialects, type ProgressDialects } from '../../progress/progress-dialects.ts';
import type { SamplingFields } from '../../surface/sampling/sampling-request.ts';

/** The options of a request for the chunks of its answer. */
interface AskedChunks {
  /** Choices that the client asked for. */
  choices: number;
  /** Whether the stream ends with a chunk with the usage. */
  includeUsage: boolean;
  /** Whether each chunk with text has the `timings` so far. */
  timingsPerToken: boolean;
  progress: ProgressDialects;
}

export interface ChunkOptions extends AnswerHead, AskedChunks {}

/** @throws HeadwayError `invalid-request` as `readProgressDialects` does */
export function readChunkOptions(request: SamplingFields, headers: IncomingHttpHeaders): AskedChunks {
  return {
    choices: request.n ?? 1,
    includeUsage: request.stream_options?.include_usage ?? false,
    timingsPerToken: request.timings_per_token ?? false,
    progress: readProgressDialects(headers, request.return_progress ?? false),
  };
}
