/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Where the gateway is. @default http://127.0.0.1:4477 */
  readonly VITE_HEADWAY_URL?: string;
}
