/** What a policy attaches to. */
export interface Target {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly sectionName?: string;
}

/** Parses `Kind/name` or `Kind/name/sectionName`, which the pattern of option `target` has already checked. */
export function parseTarget(text: string): Target {
  const [kind = '', name = '', sectionName] = text.split('/');
  return { group: 'gateway.networking.k8s.io', kind, name, ...(sectionName ? { sectionName } : {}) };
}
