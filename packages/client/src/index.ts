export {
  createClient,
  type ClientOptions,
  type ConnectionInfo,
  type Generate,
  type GenerateOptions,
  type HeadwayClient,
  type WatchOptions,
} from './create-client.ts';
export type { ConnectionState, Transport } from './connection/connection-state.ts';
export { parseGatewayUrl, type GatewayUrl } from './gateway-url.ts';
export type { GenerationCallbacks, GenerationSubscription } from './subscribe.ts';
export {
  createStatusTicker,
  formatProgress,
  HeadwayError,
  isHeadwayError,
  toProgressHook,
  withProgress,
} from '@headway/protocol';
export type {
  ChoiceResult,
  DoneEvent,
  ErrorCode,
  ErrorEvent,
  Estimate,
  FinishReason,
  GenerateInput,
  Generation,
  GenerationEvent,
  GenerationInfo,
  GenerationResult,
  Message,
  ModelInfo,
  PrefillEvent,
  ProgressHook,
  ProgressOptions,
  ProgressSnapshot,
  ProgressTarget,
  Status,
  TerminalEvent,
  Timings,
  TokenChannel,
  TokenEvent,
  Tool,
  ToolCall,
  Usage,
} from '@headway/protocol';
