import type { JsonObject } from '../lib/json.ts';
import { any } from './mechanism.ts';

/** `backendSettings`, as far as the local stack supports it. Source: api/v1alpha1/circuitbreaker_types.go. */
export interface BackendSettings {
  readonly circuitBreaker?: {
    readonly maxConnections?: number;
    readonly maxPendingRequests?: number;
    readonly maxParallelRequests?: number;
    readonly maxParallelRetries?: number;
    readonly maxRequestsPerConnection?: number;
    readonly perEndpoint?: { readonly maxConnections?: number };
  };
}

const LIMIT = { type: 'integer', minimum: 0, maximum: 4_294_967_295 };
/** What the custom resource definition says for a limit of a circuit breaker that is left out. */
const DEFAULT_LIMIT = 1024;

export const backendSettingsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    circuitBreaker: {
      type: 'object',
      additionalProperties: false,
      properties: {
        maxConnections: LIMIT,
        maxPendingRequests: LIMIT,
        maxParallelRequests: LIMIT,
        maxParallelRetries: LIMIT,
        maxRequestsPerConnection: LIMIT,
        perEndpoint: { type: 'object', additionalProperties: false, properties: { maxConnections: LIMIT } },
        retryBudget: false,
      },
    },
    connection: false,
    dns: false,
    healthCheck: false,
    http2: false,
    loadBalancer: false,
    proxyProtocol: false,
    retry: false,
    tcpKeepalive: false,
    timeout: false,
  },
};

/**
 * The fields that every cluster of Envoy Gateway has; endpoints are fixed here, and discovered there.
 * Source: buildXdsCluster in internal/xds/translator/cluster.go.
 * @param kind of the resource that the cluster belongs to
 */
export function cluster(
  name: string,
  address: JsonObject,
  owner: { kind: string; name: string; namespace: string },
): JsonObject {
  return any('envoy.config.cluster.v3.Cluster', {
    name,
    type: 'STATIC',
    connectTimeout: '10s',
    dnsLookupFamily: 'V4_PREFERRED',
    commonLbConfig: {},
    circuitBreakers: { thresholds: [{ maxRetries: DEFAULT_LIMIT }] },
    ignoreHealthOnHostRemoval: true,
    loadBalancingPolicy: {
      policies: [
        {
          typedExtensionConfig: {
            name: 'envoy.load_balancing_policies.least_request',
            typedConfig: any('envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest', {
              localityLbConfig: { localityWeightedLbConfig: {} },
            }),
          },
        },
      ],
    },
    metadata: {
      filterMetadata: {
        'envoy-gateway': {
          resources: [{ kind: owner.kind, name: owner.name, namespace: owner.namespace }],
        },
      },
    },
    perConnectionBufferLimitBytes: 32_768,
    loadAssignment: {
      clusterName: name,
      endpoints: [
        {
          lbEndpoints: [{ endpoint: { address }, loadBalancingWeight: 1 }],
          loadBalancingWeight: 1,
          locality: { region: `${name}/backend/0` },
        },
      ],
    },
  });
}

/** The cluster of a gRPC service that a policy refers to, behind a unix socket. */
export function grpcCluster(
  name: string,
  socket: string,
  policy: { name: string; namespace: string },
  { circuitBreaker }: BackendSettings = {},
): JsonObject {
  const maxRequestsPerConnection = circuitBreaker?.maxRequestsPerConnection;
  return {
    ...cluster(name, { pipe: { path: socket } }, { kind: 'EnvoyExtensionPolicy', ...policy }),
    ...(circuitBreaker && {
      circuitBreakers: {
        thresholds: [
          {
            maxConnections: circuitBreaker.maxConnections ?? DEFAULT_LIMIT,
            maxPendingRequests: circuitBreaker.maxPendingRequests ?? DEFAULT_LIMIT,
            maxRequests: circuitBreaker.maxParallelRequests ?? DEFAULT_LIMIT,
            maxRetries: circuitBreaker.maxParallelRetries ?? DEFAULT_LIMIT,
          },
        ],
        ...(circuitBreaker.perEndpoint && {
          perHostThresholds: [{ maxConnections: circuitBreaker.perEndpoint.maxConnections ?? DEFAULT_LIMIT }],
        }),
      },
    }),
    typedExtensionProtocolOptions: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any(
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        {
          ...(maxRequestsPerConnection !== undefined && {
            commonHttpProtocolOptions: { maxRequestsPerConnection },
          }),
          explicitHttpConfig: {
            http2ProtocolOptions: { initialConnectionWindowSize: 1_048_576, initialStreamWindowSize: 65_536 },
          },
        },
      ),
    },
  };
}
