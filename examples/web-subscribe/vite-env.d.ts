/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** The gateway's URL. @default http://127.0.0.1:4477 */
  readonly VITE_HEADWAY_URL?: string;
}
