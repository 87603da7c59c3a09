/** What decides a request's place in the queue for slots. */
export interface QueuedRequest {
  /** Higher goes first. */
  priority: number;
  /** When the request came, as a number that grows. */
  arrival: number;
}

/** Whether `a` gets a slot before `b`: the higher priority goes first, and of equal ones the request that came earlier. */
export function goesBefore(a: QueuedRequest, b: QueuedRequest): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.arrival < b.arrival);
}
