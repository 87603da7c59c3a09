import type { GenerationEvent, HeadwayError } from '@headway/protocol';

import type { Transport } from './connection-state.ts';
import type { GatewayCalls } from './gateway-calls.ts';
import type { StreamRequest } from './stream-request.ts';

export interface StreamObserver {
  onEvent: (event: GenerationEvent) => void;
  /** Called once, unless `stop` came first; null when the gateway completed the stream. */
  onEnd: (error: HeadwayError | null) => void;
}

/** One connection to the gateway, open until it is lost or closed. */
export interface Connection {
  readonly transport: Transport;
  /** False as soon as it is lost or closed. */
  readonly usable: boolean;
  /** Opens a stream. `stop` ends it without `onEnd`, and cancels the generation if this client started it. */
  stream(request: StreamRequest, observer: StreamObserver): { stop: () => void };
  /** Makes one call. @throws HeadwayError */
  ask<Answer>(question: (gateway: GatewayCalls) => Promise<Answer>): Promise<Answer>;
  /** Fails the pending calls with `error`; resolves when all sockets and requests are closed. */
  close(error: HeadwayError): Promise<void>;
}

export interface ConnectionWatcher {
  /** Called at each reply of the gateway. An open socket alone proves nothing. */
  onAnswer: () => void;
  /** Called once, when the connection ends other than by `close`. Its pending calls have failed with the same error. */
  onLost: (error: HeadwayError) => void;
}
