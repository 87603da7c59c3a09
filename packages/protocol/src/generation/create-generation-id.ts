/** Makes an id that nobody else will make (128 random bits). */
export function createGenerationId(): string {
  // `randomUUID` is missing in pages that came by plain http from another machine.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
