/** A gateway and who asks. */
export interface GatewayAddress {
  /** Without a slash at the end. */
  url: string;
  apiKey: string | undefined;
}
