import type { IncomingHttpHeaders } from 'node:http';

import type { AnswerHead } from '../../surface/generation-surface.ts';
import { readProgressDialects, type ProgressDialects } from '../../progress/progress-dialects.ts';
import type { FieldNames } from '../../surface/field-names.ts';

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

export interface ChunkOptions extends AnswerHead, AskedChunks {
  /** What errors call the request's fields. */
  names: FieldNames;
}

interface ChunkRequest {
  n?: number | null | undefined;
  stream_options?: { include_usage?: boolean | null | undefined } | null | undefined;
  timings_per_token?: boolean | null | undefined;
  return_progress?: boolean | null | undefined;
}

/** @throws HeadwayError `invalid-request` as `readProgressDialects` */
export function readChunkOptions(request: ChunkRequest, headers: IncomingHttpHeaders): AskedChunks {
  return {
    choices: request.n ?? 1,
    includeUsage: request.stream_options?.include_usage ?? false,
    timingsPerToken: request.timings_per_token ?? false,
    progress: readProgressDialects(headers, request.return_progress ?? false),
  };
}
