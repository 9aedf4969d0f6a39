// How far tests go that hunt for what is rare, or try everything that can be killed: a short way in `npm test`, and all
// the way in `npm run test:long`, which runs the test files that import this, and `*.long.test.ts`.

export const IS_LONG = process.env['VIGIE_TEST_LONG'] !== undefined

/** `reach(3, 20)` kills. */
export const reach = <T>(short: T, long: T): T => (IS_LONG ? long : short)
