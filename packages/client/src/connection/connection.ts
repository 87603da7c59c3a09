import type { GenerationEvent, HeadwayError } from '@headway/protocol';

import type { Carrier } from './connection-state.ts';
import type { GatewayCalls } from './gateway-calls.ts';
import type { StreamRequest } from './stream-request.ts';

export interface StreamObserver {
  onEvent: (event: GenerationEvent) => void;
  /** Once, unless stopped before: null when the gateway said that no more comes. */
  onEnd: (error: HeadwayError | null) => void;
}

/** One way to the gateway, open until it is lost or closed: a socket, or HTTP requests where sockets are blocked. */
export interface Connection {
  readonly via: Carrier;
  /** False from the moment it is lost or closed. */
  readonly usable: boolean;
  /** Opens a stream. `stop` leaves it on purpose and without another word; one's own generation is then cancelled. */
  stream(request: StreamRequest, observer: StreamObserver): { stop: () => void };
  /** A question and its answer. @throws HeadwayError */
  ask<Answer>(question: (gateway: GatewayCalls) => Promise<Answer>): Promise<Answer>;
  /** Fails the calls under way with `error`; resolves when nothing of it is left. */
  close(error: HeadwayError): Promise<void>;
}

export interface ConnectionWatcher {
  /** At each sign of life from the gateway, which an open socket alone is not. */
  onAnswer: () => void;
  /** Once, when it ends without being closed. The calls under way have failed with the same error. */
  onLost: (error: HeadwayError) => void;
}
