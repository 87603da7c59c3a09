/** The connection that a viewer's events are sent on. */
export interface ViewerConnection {
  /** Whether it is open. A view that closes while it is open closed on purpose. */
  readonly open: boolean;
  /**
   * Waits until the connection has room and no other stream sends on it. False when the signal aborted first.
   *
   * @throws HeadwayError `slow-consumer` when the connection took nothing for too long
   */
  enter(signal?: AbortSignal): true | Promise<boolean>;
  /** Lets the next stream send. Call it after each `enter` that was true, once the event was sent. */
  exit(): void;
}
