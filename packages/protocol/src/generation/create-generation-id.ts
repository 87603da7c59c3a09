/** Makes a unique id of 128 random bits. */
export function createGenerationId(): string {
  // Browsers leave `randomUUID` out of pages that another machine serves over plain HTTP.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
