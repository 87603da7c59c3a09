/** The number of choices that a request asks for; 1 for a number that the gateway will refuse. */
export function choiceCount(choices: number | undefined): number {
  return choices !== undefined && Number.isInteger(choices) && choices >= 1 && choices <= 8 ? choices : 1;
}
