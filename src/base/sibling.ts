// The address of a module beside the caller, for `new Worker(…)`: TypeScript in a checkout, JavaScript once
// built (the compiler rewrites the endings of imports, not of addresses).

/** `sibling(import.meta.url, './worker')` */
export const sibling = (from: string, name: string): URL =>
  new URL(name + (from.endsWith('.ts') ? '.ts' : '.js'), from)
