/** The headers of a WebSocket handshake (RFC 6455, section 4.1, with its sample key). */
export const upgradeLines = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** A WebSocket handshake as text. */
export function upgradeRequest(url: string): string {
  return ['GET /trpc HTTP/1.1', `Host: ${new URL(url).host}`, ...upgradeLines, '', ''].join('\r\n');
}

/** A frame of a WebSocket from a client, masked with zeros (RFC 6455, section 5.2). */
export function frame(payload: Buffer, { opcode = 1, last = true } = {}): Buffer {
  const head = Buffer.alloc(14);
  head[0] = (last ? 0x80 : 0) | opcode;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}
