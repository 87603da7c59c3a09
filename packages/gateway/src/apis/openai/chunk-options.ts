import type { IncomingHttpHeaders } from 'node:http';

import type { AnswerHead } from '../../surface/generation-surface.ts';
import { askedProgress, type AskedProgress } from '../../progress/asked-progress.ts';
import type { FieldNames } from '../../surface/field-names.ts';

/** What a request has to say about the chunks of its answer. */
interface AskedChunks {
  /** Answers that were asked for. */
  choices: number;
  /** Ends with a chunk that carries the usage. */
  includeUsage: boolean;
  /** Each chunk with text has the `timings` so far. */
  timingsPerToken: boolean;
  progress: AskedProgress;
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

/** @throws HeadwayError `invalid-request` as `askedProgress` */
export function readChunkOptions(request: ChunkRequest, headers: IncomingHttpHeaders): AskedChunks {
  return {
    choices: request.n ?? 1,
    includeUsage: request.stream_options?.include_usage ?? false,
    timingsPerToken: request.timings_per_token ?? false,
    progress: askedProgress(headers, request.return_progress ?? false),
  };
}
