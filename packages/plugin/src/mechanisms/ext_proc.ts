import { DURATION, protobufDuration } from '../gateway/duration.ts';
import { backendSettingsSchema, grpcCluster, type BackendSettings } from './cluster.ts';
import { any, ENABLED, entryName, growth, refused, type Mechanism, type PolicyEntry } from './mechanism.ts';

/** One entry of `spec.extProc`. Source: api/v1alpha1/ext_proc_types.go of Envoy Gateway. */
interface ExtProcEntry {
  readonly backendRefs: readonly BackendRef[];
  readonly backendSettings?: BackendSettings;
  readonly messageTimeout?: string;
  readonly failOpen?: boolean;
  readonly processingMode?: {
    readonly request?: Direction;
    readonly response?: Direction;
    readonly allowModeOverride?: boolean;
  };
  readonly shadowMode?: boolean;
  readonly metadata?: {
    readonly accessibleNamespaces?: readonly string[];
    readonly writableNamespaces?: readonly string[];
  };
  readonly statusOnError?: number;
}

interface BackendRef {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly port?: number;
  readonly weight?: number;
}

interface Direction {
  readonly body?: keyof typeof BODY_MODES;
  readonly attributes?: readonly string[];
}

const BODY_MODES = {
  Streamed: 'STREAMED',
  Buffered: 'BUFFERED',
  BufferedPartial: 'BUFFERED_PARTIAL',
  FullDuplexStreamed: 'FULL_DUPLEX_STREAMED',
} as const;

const STRINGS = { type: 'array', items: { type: 'string' } };
const DIRECTION = {
  type: 'object',
  additionalProperties: false,
  properties: {
    body: { enum: Object.keys(BODY_MODES) },
    attributes: {
      type: 'array',
      items: {
        type: 'string',
        pattern:
          '^(connection\\.|source\\.|destination\\.|request\\.|response\\.|upstream\\.|xds\\.route_)[a-z_1-9]*$',
        patternError:
          'Envoy Gateway takes attributes of connection, source, destination, request, response, upstream and xds.route_',
      },
    },
  },
};

/** ext_proc: a gRPC service that Envoy asks about every request and response. */
export const extProc: Mechanism = {
  id: 'ext_proc',
  title: 'ext_proc',
  artifact: 'executable',
  field: 'extProc',
  order: 100,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['backendRefs'],
    properties: {
      backendRefs: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name'],
          properties: {
            group: { type: 'string' },
            kind: { type: 'string' },
            name: { type: 'string', minLength: 1 },
            namespace: { type: 'string', minLength: 1 },
            port: { type: 'integer', minimum: 1, maximum: 65535 },
            weight: { type: 'integer', minimum: 0, maximum: 1_000_000 },
            fallback: false,
          },
        },
      },
      backendSettings: backendSettingsSchema,
      messageTimeout: {
        type: 'string',
        pattern: DURATION,
        patternError: 'a duration has one to four whole numbers with h, m, s or ms, such as 500ms',
      },
      failOpen: { type: 'boolean' },
      processingMode: {
        type: 'object',
        additionalProperties: false,
        properties: { request: DIRECTION, response: DIRECTION, allowModeOverride: { type: 'boolean' } },
      },
      shadowMode: { type: 'boolean' },
      metadata: {
        type: 'object',
        additionalProperties: false,
        properties: { accessibleNamespaces: STRINGS, writableNamespaces: { ...STRINGS, maxItems: 8 } },
      },
      statusOnError: { type: 'integer', minimum: 400, maximum: 511 },
    },
  },

  translate(entry, local) {
    const value = entry.value as unknown as ExtProcEntry;
    refuseContradictions(entry, value);
    const { name, namespace = entry.policy.namespace, port } = backend(entry, value);
    const cluster = entryName(entry, 'extproc').toLowerCase();
    const { request, response, allowModeOverride } = value.processingMode ?? {};
    const { accessibleNamespaces, writableNamespaces } = value.metadata ?? {};
    return {
      filter: `envoy.filters.http.ext_proc/${entryName(entry, 'extproc')}`,
      config: any('envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor', {
        grpcService: {
          envoyGrpc: { clusterName: cluster, authority: `${name}.${namespace}:${port}` },
          timeout: '10s',
        },
        processingMode: {
          ...direction('request', request),
          ...direction('response', response),
        },
        observabilityMode: value.shadowMode || undefined,
        failureModeAllow: value.failOpen || undefined,
        messageTimeout: value.messageTimeout && protobufDuration(value.messageTimeout),
        requestAttributes: request?.attributes,
        responseAttributes: response?.attributes,
        metadataOptions:
          accessibleNamespaces || writableNamespaces
            ? {
                forwardingNamespaces: accessibleNamespaces && { untyped: accessibleNamespaces },
                receivingNamespaces: writableNamespaces && { untyped: writableNamespaces },
              }
            : undefined,
        allowModeOverride: allowModeOverride || undefined,
        statusOnError: value.statusOnError ? { code: value.statusOnError } : undefined,
      }),
      perRoute: ENABLED,
      clusters: [
        grpcCluster(
          cluster,
          local.service({ name, namespace, port }, entry.at(['backendRefs', 0])),
          entry.policy,
          value.backendSettings,
        ),
      ],
    };
  },

  proveLoaded(before, after) {
    const streams = growth(before, after, /\.ext_proc\.streams_started$/);
    const answers = growth(before, after, /\.ext_proc\.stream_msgs_received$/);
    return {
      loaded: streams.grown > 0,
      evidence: `Envoy opened ${streams.grown} streams to the extension (ext_proc.streams_started) and got ${answers.grown} answers (ext_proc.stream_msgs_received)`,
    };
  },
};

/** Source: buildProcessingMode in internal/xds/translator/extproc.go: a direction that is there has its headers sent. */
const direction = (side: 'request' | 'response', mode: Direction | undefined) => ({
  [`${side}HeaderMode`]: mode ? 'SEND' : 'SKIP',
  [`${side}BodyMode`]: mode?.body && BODY_MODES[mode.body],
  [`${side}TrailerMode`]: mode?.body === 'FullDuplexStreamed' ? 'SEND' : 'SKIP',
});

function backend(entry: PolicyEntry, { backendRefs }: ExtProcEntry): BackendRef & { port: number } {
  const [backend, second] = backendRefs;
  if (!backend) throw refused(entry, ['backendRefs'], 'names no Service.');
  if (second) throw refused(entry, ['backendRefs', 1], 'the local stack sends to one backend, the first.');
  const { group = '', kind = 'Service', port, weight } = backend;
  if (kind !== 'Service' || group !== '')
    throw refused(
      entry,
      ['backendRefs', 0, 'kind'],
      `the local stack runs what stands behind a Service, not a ${kind}.`,
    );
  if (port === undefined) throw refused(entry, ['backendRefs', 0], 'a Service needs its port.');
  if (weight === 0)
    throw refused(entry, ['backendRefs', 0, 'weight'], 'with weight 0 nothing reaches the extension.');
  return { ...backend, port };
}

/** Source: the XValidation rules of api/v1alpha1/ext_proc_types.go. */
function refuseContradictions(entry: PolicyEntry, value: ExtProcEntry): void {
  const { failOpen, shadowMode, processingMode, metadata } = value;
  for (const side of ['request', 'response'] as const) {
    const body = processingMode?.[side]?.body;
    if (failOpen && body === 'FullDuplexStreamed')
      throw refused(entry, ['failOpen'], 'must be false with the body mode FullDuplexStreamed.');
    if (shadowMode && body !== undefined && body !== 'Streamed')
      throw refused(entry, ['processingMode', side, 'body'], 'must be Streamed or left out in shadowMode.');
  }
  const reserved =
    metadata?.writableNamespaces?.findIndex((name) => name.startsWith('envoy.filters.http')) ?? -1;
  if (reserved >= 0)
    throw refused(
      entry,
      ['metadata', 'writableNamespaces', reserved],
      "Envoy's own namespaces are not writable.",
    );
}
