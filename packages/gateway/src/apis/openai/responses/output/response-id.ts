/** The response's id for a generation's id. */
export function responseId(generation: string): string {
  return `resp_${generation}`;
}

/** The generation's id for a response's id; '' for an invalid one. */
export function generationOf(response: string): string {
  return response.startsWith('resp_') ? response.slice('resp_'.length) : '';
}
