import type { Sends } from '../testing/index.ts';

/** What differs between the Envoys of the suite. Defaults are those that Envoy Gateway writes. */
export interface FilterOptions {
  readonly request?: Sends;
  readonly response?: Sends;
  readonly trailers?: boolean;
  /** In s. */
  readonly messageTimeout?: number;
  readonly failOpen?: boolean;
  readonly allowModeOverride?: boolean;
  readonly requestAttributes?: readonly string[];
  /** Streams on one connection before Envoy opens the next. */
  readonly maxRequestsPerConnection?: number;
}

/** Where everything listens: paths of unix sockets, so that nothing is reachable from outside. */
export interface Sockets {
  /** A port of loopback instead, for clients that know no unix sockets. */
  readonly front: string | number;
  readonly admin: string;
  readonly upstream: string;
  /** Of the processors, one for each replica. */
  readonly processors: readonly string[];
  readonly accessLog: string;
}

const bodyModes = {
  none: 'NONE',
  headers: 'NONE',
  Buffered: 'BUFFERED',
  BufferedPartial: 'BUFFERED_PARTIAL',
  Streamed: 'STREAMED',
  FullDuplexStreamed: 'FULL_DUPLEX_STREAMED',
} as const;

const type = (name: string) => `type.googleapis.com/envoy.extensions.${name}`;
const pipe = (path: string) => ({ pipe: { path } });
const send = (yes: boolean) => (yes ? 'SEND' : 'SKIP');
/** Room for the bodies of the suite in Buffered mode. */
const bufferLimit = 4 << 20;

/** The configuration of an Envoy, as JSON, which is YAML. */
export function envoyConfig(sockets: Sockets, options: FilterOptions): string {
  return JSON.stringify({
    admin: { address: pipe(sockets.admin) },
    static_resources: {
      listeners: [
        {
          name: 'front',
          address:
            typeof sockets.front === 'string'
              ? pipe(sockets.front)
              : { socket_address: { address: '127.0.0.1', port_value: sockets.front } },
          per_connection_buffer_limit_bytes: bufferLimit,
          filter_chains: [{ filters: [{ name: 'http', typed_config: connectionManager(sockets, options) }] }],
        },
      ],
      clusters: [processorCluster(sockets, options), upstreamCluster(sockets)],
    },
  });
}

function connectionManager(sockets: Sockets, options: FilterOptions) {
  return {
    '@type': type('filters.network.http_connection_manager.v3.HttpConnectionManager'),
    stat_prefix: 'front',
    http_protocol_options: { enable_trailers: true },
    access_log: [
      {
        name: 'file',
        typed_config: {
          '@type': type('access_loggers.file.v3.FileAccessLog'),
          path: sockets.accessLog,
          log_format: {
            text_format_source: {
              inline_string:
                '%REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS% %DYNAMIC_METADATA(suite)%\n',
            },
          },
        },
      },
    ],
    http_filters: [
      { name: 'ext_proc', typed_config: extProc(options) },
      { name: 'router', typed_config: { '@type': type('filters.http.router.v3.Router') } },
    ],
    route_config: {
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [
            // The client's side has gone to a cluster that answers at once: load without an upstream.
            { match: { prefix: '/direct' }, direct_response: { status: 200, body: { inline_string: 'ok' } } },
            { match: { prefix: '/' }, route: { cluster: 'upstream', timeout: '60s' } },
          ],
        },
      ],
    },
  };
}

function extProc({ request = 'headers', response = 'headers', ...options }: FilterOptions) {
  const trailers = (sends: Sends) => send(options.trailers ?? sends === 'FullDuplexStreamed');
  return {
    '@type': type('filters.http.ext_proc.v3.ExternalProcessor'),
    grpc_service: { envoy_grpc: { cluster_name: 'processor' } },
    failure_mode_allow: options.failOpen ?? false,
    allow_mode_override: options.allowModeOverride ?? false,
    message_timeout: `${options.messageTimeout ?? 10}s`,
    request_attributes: options.requestAttributes ?? [],
    metadata_options: {
      forwarding_namespaces: { untyped: ['suite'] },
      receiving_namespaces: { untyped: ['suite'] },
    },
    processing_mode: {
      request_header_mode: send(request !== 'none'),
      response_header_mode: send(response !== 'none'),
      request_body_mode: bodyModes[request],
      response_body_mode: bodyModes[response],
      request_trailer_mode: trailers(request),
      response_trailer_mode: trailers(response),
    },
  };
}

function processorCluster({ processors }: Sockets, { maxRequestsPerConnection }: FilterOptions) {
  return {
    name: 'processor',
    connect_timeout: '2s',
    per_connection_buffer_limit_bytes: 32 << 10,
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': type('upstreams.http.v3.HttpProtocolOptions'),
        ...(maxRequestsPerConnection
          ? { common_http_protocol_options: { max_requests_per_connection: maxRequestsPerConnection } }
          : {}),
        explicit_http_config: {
          http2_protocol_options: {
            initial_stream_window_size: 64 << 10,
            initial_connection_window_size: 1 << 20,
          },
        },
      },
    },
    ...(processors.length > 1
      ? {
          // What a health check finds counts at once, not up to a second later.
          common_lb_config: { healthy_panic_threshold: { value: 0 }, update_merge_window: '0s' },
          health_checks: [
            {
              timeout: '1s',
              interval: '0.05s',
              no_traffic_interval: '0.05s',
              unhealthy_threshold: 1,
              healthy_threshold: 1,
              grpc_health_check: {},
            },
          ],
        }
      : {}),
    load_assignment: {
      cluster_name: 'processor',
      endpoints: [{ lb_endpoints: processors.map((path) => ({ endpoint: { address: pipe(path) } })) }],
    },
  };
}

function upstreamCluster({ upstream }: Sockets) {
  return {
    name: 'upstream',
    connect_timeout: '2s',
    per_connection_buffer_limit_bytes: bufferLimit,
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': type('upstreams.http.v3.HttpProtocolOptions'),
        explicit_http_config: { http_protocol_options: { enable_trailers: true } },
      },
    },
    load_assignment: {
      cluster_name: 'upstream',
      endpoints: [{ lb_endpoints: [{ endpoint: { address: pipe(upstream) } }] }],
    },
  };
}
