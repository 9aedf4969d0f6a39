// Whether the output has colours: what the person asks for by the environment goes before what the terminal is.

/**
 * `FORCE_COLOR` (force-color.org; `0` and `false` mean none) goes before `NO_COLOR` (no-color.org), as in Node, and
 * both go before the terminal. `TERM=dumb` is a terminal without colours (terminfo(5)).
 */
export function hasColors(environment: NodeJS.ProcessEnv, isTty: boolean): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM } = environment
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return !refused && isTty && TERM !== 'dumb'
}
