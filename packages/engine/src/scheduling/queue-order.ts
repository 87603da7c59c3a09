/** What may decide a request's place in the queue for slots. */
export interface QueuedRequest {
  prompt: {
    /** Prompt tokens. */
    total: number;
    request: {
      /** Higher goes first. */
      priority: number;
    };
  };
  /** When the request came, as a number that grows. */
  arrival: number;
}

/** Whether `a` gets a slot before `b`: the higher priority goes first, and of equal ones the request that came earlier. */
export function goesBefore(a: QueuedRequest, b: QueuedRequest): boolean {
  const [ofA, ofB] = [a.prompt.request.priority, b.prompt.request.priority];
  return ofA > ofB || (ofA === ofB && a.arrival < b.arrival);
}
