export { startGateway, type Gateway, type GatewayOptions } from './start-gateway.ts';
export { createHeadwayRouter, type AppRouter, type HeadwayRouterOptions } from './trpc/headway-router.ts';
export { ConnectionPace, type ConnectionPaceOptions } from './generations/connection-pace.ts';
export type { GenerationLog } from './generations/generation-log.ts';
export { GenerationRegistry, type GenerationRegistryOptions } from './generations/generation-registry.ts';
export type { ViewerConnection } from './generations/viewer-connection.ts';
export type { HeadwayErrorShape } from './trpc/trpc-error.ts';
