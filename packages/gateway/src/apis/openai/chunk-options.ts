import type { IncomingHttpHeaders } from 'node:http';

import type { AnswerHead } from '../../surface/generation-surface.ts';
import { readProgressDialects, type ProgressDialects } from '../../progress/progress-dialects.ts';
import type { SamplingFields } from '../../surface/sampling/sampling-request.ts';

/** What a request has to say about the chunks of its answer. */
interface AskedChunks {
  /** Answers that were asked for. */
  choices: number;
  /** Ends with a chunk that carries the usage. */
  includeUsage: boolean;
  /** Each chunk with text has the `timings` so far. */
  timingsPerToken: boolean;
  progress: ProgressDialects;
}

export interface ChunkOptions extends AnswerHead, AskedChunks {}

/** @throws HeadwayError `invalid-request` as `readProgressDialects` */
export function readChunkOptions(request: SamplingFields, headers: IncomingHttpHeaders): AskedChunks {
  return {
    choices: request.n ?? 1,
    includeUsage: request.stream_options?.include_usage ?? false,
    timingsPerToken: request.timings_per_token ?? false,
    progress: readProgressDialects(headers, request.return_progress ?? false),
  };
}
