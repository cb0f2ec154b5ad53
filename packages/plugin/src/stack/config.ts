import type { JsonObject } from '../lib/json.ts';
import { cluster } from '../mechanisms/cluster.ts';
import { any, type Translation } from '../mechanisms/mechanism.ts';

// Names that Envoy Gateway would give to the listener `http` of a Gateway `eg`, and to a route of it.
const LISTENER = 'default/eg/http';
const STAT_PREFIX = 'http-10080';
const ROUTE = { kind: 'HTTPRoute', name: 'my-route', namespace: 'default' };
const UPSTREAM = `httproute/${ROUTE.namespace}/${ROUTE.name}/rule/0`;

/** A file that Envoy watches: the answer to one of its subscriptions. */
export interface ResourceFile {
  /** Directory of the file below the stack's own. */
  readonly directory: string;
  readonly resources: readonly JsonObject[];
  /** Start of the names of the statistics that Envoy keeps about the subscription. */
  readonly stats: string;
}

/** What the files are made from. */
export interface Wiring {
  /** The stack's own directory. */
  readonly home: string;
  /** Port to listen on; 0 for any free one. */
  readonly port: number;
  readonly echoPort: number;
  /** The filters, in the order of the chain. */
  readonly translations: readonly Translation[];
}

/** File in a ResourceFile's directory. A directory each, because Envoy reads a file again when anything moves beside it. */
export const RESOURCES = 'resources.json';

/**
 * Envoy's bootstrap: what Envoy Gateway has in it that changes how requests are treated, with files in place of a
 * control plane and nothing beyond loopback. Source: internal/xds/bootstrap/bootstrap.yaml.tpl.
 */
export const bootstrap = (home: string): JsonObject => ({
  node: { id: 'eg-local', cluster: 'eg-local' },
  admin: { address: loopback(0) },
  layeredRuntime: {
    layers: [
      {
        name: 'global_config',
        staticLayer: {
          're2.max_program_size.error_level': 4_294_967_295,
          're2.max_program_size.warn_level': 1000,
        },
      },
    ],
  },
  dynamicResources: { ldsConfig: watched(home, 'lds'), cdsConfig: watched(home, 'cds') },
  overloadManager: {
    refreshInterval: '0.250s',
    resourceMonitors: [
      {
        name: 'envoy.resource_monitors.global_downstream_max_connections',
        typedConfig: any(
          'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
          {
            maxActiveDownstreamConnections: 50_000,
          },
        ),
      },
    ],
  },
});

/**
 * Every file that Envoy watches, in the order in which they must be written.
 *
 * The filters are those of Envoy Gateway with one difference: each is discovered from a file of its own (ECDS), so that a
 * change replaces it from one request to the next, while a change of the listener would drain its connections.
 */
export function resourceFiles(wiring: Wiring): ResourceFile[] {
  const { translations } = wiring;
  return [
    {
      directory: 'cds',
      resources: [
        cluster(UPSTREAM, loopback(wiring.echoPort), ROUTE),
        ...translations.flatMap(({ clusters }) => clusters),
      ].map(withTrailers),
      stats: 'cluster_manager.cds.',
    },
    ...translations.map(({ filter, config }) => ({
      directory: filterDirectory(filter),
      resources: [any('envoy.config.core.v3.TypedExtensionConfig', { name: filter, typedConfig: config })],
      stats: `extension_config_discovery.http_filter.${filter}.`,
    })),
    { directory: 'lds', resources: [listener(wiring)], stats: 'listener_manager.lds.' },
    { directory: 'rds', resources: [routes(translations)], stats: `http.${STAT_PREFIX}.rds.${LISTENER}.` },
  ];
}

/** Source: addHCMToXDSListener in internal/xds/translator/listener.go, with the defaults of Envoy Gateway. */
function listener({ home, port, translations }: Wiring): JsonObject {
  const manager = any('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
    statPrefix: STAT_PREFIX,
    rds: { configSource: watched(home, 'rds'), routeConfigName: LISTENER },
    serverHeaderTransformation: 'PASS_THROUGH',
    httpProtocolOptions: TRAILERS,
    http2ProtocolOptions: {
      initialConnectionWindowSize: 1_048_576,
      initialStreamWindowSize: 65_536,
      maxConcurrentStreams: 100,
    },
    commonHttpProtocolOptions: { headersWithUnderscoresAction: 'REJECT_REQUEST' },
    useRemoteAddress: true,
    normalizePath: true,
    mergeSlashes: true,
    pathWithEscapedSlashesAction: 'UNESCAPE_AND_REDIRECT',
    httpFilters: [
      ...translations.map(({ filter, config }) => ({
        name: filter,
        disabled: true,
        configDiscovery: {
          configSource: watched(home, filterDirectory(filter)),
          typeUrls: [config['@type']],
        },
      })),
      {
        name: 'envoy.filters.http.router',
        typedConfig: any('envoy.extensions.filters.http.router.v3.Router', { suppressEnvoyHeaders: true }),
      },
    ],
  });
  return any('envoy.config.listener.v3.Listener', {
    name: LISTENER,
    address: loopback(port),
    // Two stacks on one port would otherwise share its connections.
    enableReusePort: false,
    maxConnectionsToAcceptPerSocketEvent: 1,
    perConnectionBufferLimitBytes: 32_768,
    defaultFilterChain: {
      name: LISTENER,
      filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig: manager }],
    },
  });
}

/** One route that matches every request, in place of the policy's target. Source: internal/xds/translator/route.go. */
const routes = (translations: readonly Translation[]): JsonObject =>
  any('envoy.config.route.v3.RouteConfiguration', {
    name: LISTENER,
    ignorePortInHostMatching: true,
    virtualHosts: [
      {
        name: `${LISTENER}/*`,
        domains: ['*'],
        routes: [
          {
            name: `${UPSTREAM}/match/0/*`,
            match: { prefix: '/' },
            metadata: { filterMetadata: { 'envoy-gateway': { resources: [ROUTE] } } },
            route: { cluster: UPSTREAM, upgradeConfigs: [{ upgradeType: 'websocket' }] },
            typedPerFilterConfig: Object.fromEntries(
              translations.map(({ filter, perRoute }) => [filter, perRoute]),
            ),
          },
        ],
      },
    ],
  });

/** `envoy.filters.http.lua/envoyextensionpolicy/default/my-filter/lua/0` → `lua-0` */
const filterDirectory = (filter: string): string => filter.split('/').slice(-2).join('-');

const loopback = (port: number): JsonObject => ({ socketAddress: { address: '127.0.0.1', portValue: port } });

const watched = (home: string, directory: string): JsonObject => ({
  pathConfigSource: {
    path: `${home}/${directory}/${RESOURCES}`,
    watchedDirectory: { path: `${home}/${directory}` },
  },
  resourceApiVersion: 'V3',
});

// Trailers over HTTP/1, as the ClientTrafficPolicy field http1.enableTrailers switches them on: without them a client on
// this computer, which speaks HTTP/1, could not see what an extension does to trailers.
const TRAILERS = { enableTrailers: true };

/** The upstream speaks HTTP/1; every other cluster says itself what it speaks. */
const withTrailers = (resource: JsonObject): JsonObject => {
  const options = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  return {
    typedExtensionProtocolOptions: {
      [options]: any(options, { explicitHttpConfig: { httpProtocolOptions: TRAILERS } }),
    },
    ...resource,
  };
};
