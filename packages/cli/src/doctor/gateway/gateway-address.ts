/** A gateway, and the key for it. */
export interface GatewayAddress {
  /** Without a trailing slash. */
  url: string;
  apiKey: string | undefined;
}
