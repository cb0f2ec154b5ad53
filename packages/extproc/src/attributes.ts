import type { JsonValue } from './wire/struct.ts';

/**
 * Envoy's attributes by name, those that the policy lists for the request or the response.
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/advanced/attributes
 */
export interface Attributes {
  readonly 'request.path'?: string;
  readonly 'request.url_path'?: string;
  readonly 'request.host'?: string;
  readonly 'request.scheme'?: string;
  readonly 'request.method'?: string;
  readonly 'request.referer'?: string;
  readonly 'request.useragent'?: string;
  readonly 'request.id'?: string;
  readonly 'request.protocol'?: string;
  readonly 'request.query'?: string;
  readonly 'request.size'?: number;
  readonly 'request.total_size'?: number;
  readonly 'response.code'?: number;
  readonly 'response.code_details'?: string;
  readonly 'response.flags'?: number;
  readonly 'response.grpc_status'?: number;
  readonly 'response.size'?: number;
  readonly 'response.total_size'?: number;
  readonly 'source.address'?: string;
  readonly 'source.port'?: number;
  readonly 'destination.address'?: string;
  readonly 'destination.port'?: number;
  readonly 'connection.id'?: number;
  readonly 'connection.mtls'?: boolean;
  readonly 'connection.requested_server_name'?: string;
  readonly 'connection.tls_version'?: string;
  readonly 'connection.subject_peer_certificate'?: string;
  readonly 'connection.dns_san_peer_certificate'?: string;
  readonly 'connection.uri_san_peer_certificate'?: string;
  readonly 'upstream.address'?: string;
  readonly 'upstream.port'?: number;
  readonly 'xds.cluster_name'?: string;
  readonly 'xds.route_name'?: string;
  readonly 'xds.virtual_host_name'?: string;
  readonly 'xds.listener_name'?: string;
  readonly 'xds.filter_chain_name'?: string;
  readonly [name: string]: JsonValue | undefined;
}
