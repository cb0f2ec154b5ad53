/** One name in the spellings that languages want. */
export interface Names {
  readonly kebab: string;
  readonly snake: string;
  readonly camel: string;
  readonly pascal: string;
}

/** Spells a checked extension name (`my-filter`) in other cases. */
export function namesOf(kebab: string): Names {
  const words = kebab.split('-');
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return { kebab, snake: words.join('_'), camel: pascal.charAt(0).toLowerCase() + pascal.slice(1), pascal };
}

/**
 * Why `name` cannot name an extension, or undefined when it can. It becomes the name of Kubernetes objects, a Service
 * among them, so it must be an RFC 1035 label: lower-case letters, digits and '-', first a letter, at most 63 long.
 */
export function refuseName(name: string): string | undefined {
  if (name.length > 63) return `it has ${name.length} characters; Kubernetes allows 63`;
  if (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) return undefined;
  const suggestion = suggestName(name);
  return (
    `a Kubernetes Service takes lower-case letters, digits and '-', beginning with a letter` +
    (suggestion ? `; try --name=${suggestion}` : '')
  );
}

function suggestName(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 63);
}
