export { startGateway, type Gateway, type GatewayOptions } from './start-gateway.ts';
export { createHeadwayRouter, type AppRouter, type HeadwayRouterOptions } from './trpc/headway-router.ts';
export { ConnectionPace } from './trpc/connection-pace.ts';
export type { HeadwayErrorShape } from './trpc/trpc-error.ts';
