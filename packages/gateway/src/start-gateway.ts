import type { AddressInfo } from 'node:net';

import type { Engine } from '@headway/engine';
import { HeadwayError, maxBodyBytes } from '@headway/protocol';
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import type { LevelWithSilent, Logger } from 'pino';

import { registerAnthropicRoutes } from './apis/anthropic/anthropic-routes.ts';
import { anthropicErrorDialect } from './apis/anthropic/anthropic-error.ts';
import { openAiErrorDialect } from './apis/openai/openai-error.ts';
import { createRequestId } from './apis/anthropic/request-id.ts';
import { inBrackets, isWide } from './access/policy/create-access-policy.ts';
import { openGate, type AccessOptions } from './access/open-gate.ts';
import { guardRequests, openRoutes } from './http/guard-requests.ts';
import { limitConnections } from './http/connections/limit-connections.ts';
import { GenerationRegistry } from './generations/generation-registry.ts';
import { answerBrokenRequest, registerErrorReplies, sendError } from './http/error-replies.ts';
import { endUntakenAnswers } from './http/connections/end-untaken-answers.ts';
import { answerHalfClosed } from './http/connections/half-closed.ts';
import { registerGenerationRoutes } from './http/routes/generation-routes.ts';
import { registerHealthRoutes } from './http/routes/health-routes.ts';
import { registerModelRoutes } from './http/routes/model-routes.ts';
import { registerPage } from './http/routes/page-files.ts';
import { registerBareRoot, registerRootRoute } from './http/routes/root-routes.ts';
import { typedPath } from './http/routes/typed-path.ts';
import { withAliases } from './http/routes/with-aliases.ts';
import { trackResponses } from './http/connections/open-responses.ts';
import { readJsonBodies } from './surface/bodies/read-json-bodies.ts';
import { registerRequestLog } from './http/request-log.ts';
import { registerSecurityHeaders } from './http/security-headers.ts';
import { registerChatCountRoute } from './apis/openai/llama-server/count-tokens-route.ts';
import { registerChatRoute } from './apis/openai/chat/chat-route.ts';
import { registerCompletionRoute } from './apis/openai/completions/completion-route.ts';
import { registerPropsRoutes } from './apis/openai/llama-server/props-routes.ts';
import { registerTemplateRoutes } from './apis/openai/llama-server/template-routes.ts';
import { openLog } from './log.ts';
import { registerResponsesRoutes } from './apis/openai/responses/responses-route.ts';
import { registerTrpcRoutes } from './trpc/serve-http.ts';
import { ErrorDialects } from './surface/error-dialect.ts';
import { nativeErrors } from './http/native-errors.ts';
import { trpcErrors } from './trpc/router/trpc-error.ts';
import { serveTrpcSockets } from './trpc/serve-websocket.ts';
import { headwayVersion } from './version.ts';

export interface GatewayOptions extends AccessOptions {
  /** What generates. It stays the caller's: closing the gateway ends what the gateway started and closes no engine. */
  engine: Engine;
  /** Other names of the default model; `*` is any name that no model has. @default none */
  aliases?: readonly string[];
  /** 0 takes any free one. @default 4477 */
  port?: number;
  /**
   * Folder of the page that is served at `/`. Where `app.js.br` or `app.js.gz` lies beside `app.js`, browsers get that; files
   * in `assets` whose names hold a hash are kept by them for ever. @default none
   */
  page?: string;
  /** A pino logger, or the level of one that writes to stderr. Prompts and answers are never logged. @default 'silent' */
  logger?: Logger | LevelWithSilent;
  /** How long a generation goes on when its client's connection dropped and nobody watches it, in ms. @default 30_000 */
  graceMs?: number;
  /**
   * A generation's longest life, the wait for a slot included, in ms: then it ends in the error `generation-timeout`.
   *
   * @default 7_200_000
   */
  generationMs?: number;
  /** Most tokens that the choices of one generation write together; one more ends it as above. @default 262_144 */
  generationTokens?: number;
  /** How long a client may take nothing of what waits for it before it is closed with `slow-consumer`, in ms. @default 30_000 */
  slowConsumerMs?: number;
  /**
   * Time between two heartbeats of a stream of server-sent events, in ms. Clients and proxies give up on silent ones:
   * Headway's own client after 45 s, many others sooner.
   *
   * @default 15_000
   */
  heartbeatMs?: number;
  /** What `status` calls the version. @default this package's */
  version?: string;
}

export interface Gateway extends AsyncDisposable {
  /** Where it is reached from this machine, without a slash at the end. */
  readonly url: string;
  /** Generations that run. */
  readonly running: number;
  /**
   * Takes no more requests (`shutting-down`; `/readyz` says 503) and lets what runs go on. Resolves when the last one has
   * ended, or after `ms`. Whoever is connected stays so.
   *
   * @throws HeadwayError `invalid-request` when `ms` is no time that a timer holds
   */
  drain(ms: number): Promise<void>;
  /**
   * Ends its generations with the error `shutting-down`, lets their streams finish (a second at most), and resolves
   * when nothing listens any more. Again does nothing.
   */
  close(): Promise<void>;
}

/** Connections that wait to be accepted, as far as the system lets them; Node's 511 are few where hundreds come at once. */
const backlog = 4096;

/** Whose errors a request's are; where several would do, the first. */
const errorDialects = new ErrorDialects(
  [trpcErrors(openAiErrorDialect.status), nativeErrors(openAiErrorDialect.status), anthropicErrorDialect],
  openAiErrorDialect,
);

/** How long clients have, all in all, to take their last bytes and say goodbye. */
const closeGraceMs = 1000;

/**
 * Serves an engine over tRPC, HTTP, and OpenAI's and Anthropic's APIs.
 *
 * @throws HeadwayError `invalid-request` for options that `openGate` refuses and times that no timer holds; the system's error (`EADDRINUSE`, …) when
 * it cannot listen
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { aliases = [], port = 4477, host = '127.0.0.1', page, graceMs, slowConsumerMs, heartbeatMs } = options;
  const { version = headwayVersion, generationMs, generationTokens } = options;
  checkMilliseconds({ graceMs, slowConsumerMs });
  checkMilliseconds({ generationMs }, 1);
  checkMilliseconds({ heartbeatMs }, 1);
  if (generationTokens !== undefined && !(Number.isInteger(generationTokens) && generationTokens >= 1)) {
    throw new HeadwayError('invalid-request', `generationTokens: ${generationTokens} is no whole number from 1 on`);
  }
  const log: FastifyBaseLogger = openLog(options.logger ?? 'silent');
  const models = aliases.length > 0 ? await options.engine.models() : [];
  const ids = new Set(models.map(({ id }) => id));
  const engine = withAliases(options.engine, { aliases, ids });
  const gate = await openGate(options, log);
  const { gatekeeper } = gate;
  const generations = new GenerationRegistry({
    engine,
    log,
    maxEach: gatekeeper.limits.generations,
    ...(graceMs !== undefined && { graceMs }),
    ...(generationMs !== undefined && { maxMs: generationMs }),
    ...(generationTokens !== undefined && { maxTokens: generationTokens }),
  });

  const app = Fastify({
    loggerInstance: log,
    genReqId: createRequestId,
    rewriteUrl: ({ url = '/' }) => typedPath(url),
    // registerRequestLog writes one line instead of its two.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    requestTimeout: 60_000,
    // Finds clients that are gone from under a stream of events.
    http: {
      keepAlive: true,
      keepAliveInitialDelay: 30_000,
      headersTimeout: 20_000,
      // How often Node looks at the two times.
      connectionsCheckingInterval: 5000,
    },
    routerOptions: { maxParamLength: 4096 },
    clientErrorHandler: (_error, socket) => answerBrokenRequest(socket, errorDialects.fallback),
    frameworkErrors: (error, request, reply) =>
      void sendError(request, reply, new HeadwayError('invalid-request', error.message), error.statusCode),
  });
  readJsonBodies(app, gatekeeper.bodyTurns);
  limitConnections(app.server, gatekeeper.limits, errorDialects.fallback);
  endUntakenAnswers(app.server);
  answerHalfClosed(app.server);
  await registerSecurityHeaders(app);
  await guardRequests(app, gatekeeper);
  registerRequestLog(app);
  registerErrorReplies(app, errorDialects);
  await openRoutes(app, (scope) => registerHealthRoutes(scope, { engine, generations }), { unlimited: true });
  registerModelRoutes(app, { engine, aliases });
  registerRootRoute(app, version);
  registerPropsRoutes(app, { engine, generations, version });
  registerTemplateRoutes(app, engine);
  const surface = { generations, slowConsumerMs, heartbeatMs };
  registerChatRoute(app, surface);
  registerChatCountRoute(app, engine);
  registerCompletionRoute(app, surface);
  registerResponsesRoutes(app, { ...surface, engine });
  await registerAnthropicRoutes(app, { ...surface, engine });
  registerGenerationRoutes(app, surface);
  registerTrpcRoutes(app, { engine, generations, version, slowConsumerMs });
  await openRoutes(app, (scope) => (page === undefined ? registerBareRoot(scope) : registerPage(scope, page)));
  const sockets = serveTrpcSockets({
    server: app.server,
    engine,
    generations,
    gatekeeper,
    version,
    slowConsumerMs,
    log,
    errorDialects,
  });

  const responses = trackResponses(app.server);

  const close = async () => {
    gate.close();
    const late = after(closeGraceMs);
    generations.refuseNew();
    generations.cancelAll();
    await generations.settled(late.promise);
    generations.close();
    const closed = app.close();
    await Promise.all([sockets.close(late.promise), responses.settled(late.promise)]);
    late.clear();
    app.server.closeAllConnections();
    await closed;
  };
  try {
    // One server for one name: Fastify would open a second one for the other address of localhost.
    await app.listen({ port, host: host === 'localhost' ? '127.0.0.1' : host, backlog });
  } catch (error) {
    await close();
    throw error;
  }
  const url = urlOf(host, (app.server.address() as AddressInfo).port);
  let closing: Promise<void> | null = null;
  const closeOnce = () => (closing ??= close());
  return {
    url,
    get running() {
      return generations.running;
    },
    async drain(ms) {
      checkMilliseconds({ ms });
      generations.refuseNew();
      const late = after(ms);
      await generations.ended(late.promise);
      late.clear();
    },
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

/** Timers hold 31 bits and fire at once beyond. */
const longestMs = 2 ** 31 - 1;

function checkMilliseconds(times: Record<string, number | undefined>, least = 0): void {
  for (const [name, value] of Object.entries(times)) {
    if (value === undefined || (value >= least && value <= longestMs)) continue;
    throw new HeadwayError('invalid-request', `${name}: ${value} is not a time from ${least} to ${longestMs} ms`);
  }
}

function after(ms: number): { promise: Promise<void>; clear: () => void } {
  let timer: NodeJS.Timeout;
  const promise = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  return { promise, clear: () => clearTimeout(timer) };
}

function urlOf(host: string, port: number): string {
  const reachable = isWide(host) ? (host === '::' ? '[::1]' : '127.0.0.1') : inBrackets(host);
  return `http://${reachable}:${port}`;
}
