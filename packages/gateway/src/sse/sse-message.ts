/** A message of a stream of server-sent events: an event, which may have a name and an id, or a comment. */
export type SseMessage = { data: string; event?: string; id?: string } | { comment: string };
