/** What a viewer's events go out by, as far as a view cares. */
export interface ViewerConnection {
  /** Whether it stands: a viewer who leaves meanwhile does so on purpose. */
  readonly open: boolean;
  /**
   * Waits until the connection takes more and it is this viewer's turn; `exit` ends the turn, once the event was sent.
   * False when the signal aborted before.
   *
   * @throws HeadwayError `slow-consumer` when it takes nothing for too long
   */
  enter(signal?: AbortSignal): true | Promise<boolean>;
  exit(): void;
}
