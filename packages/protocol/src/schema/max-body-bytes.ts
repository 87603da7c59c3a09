/** The most bytes of an HTTP body or a WebSocket frame: 4 MiB. No text in a request can be longer. */
export const maxBodyBytes = 4 * 1024 * 1024;
