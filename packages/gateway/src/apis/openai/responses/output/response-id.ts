/** What a response is called whose generation has the id. */
export function responseId(generation: string): string {
  return `resp_${generation}`;
}

/** The generation of a response; an id that is none names none. */
export function generationOf(response: string): string {
  return response.startsWith('resp_') ? response.slice('resp_'.length) : '';
}
