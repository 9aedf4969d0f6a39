/**
 * What `filters.ts` does at run time, done by the type checker on the literal that the author wrote: the
 * params of a filter, and a sentence as the compile error where the filter is bad. Types only; nothing here
 * exists when the program runs.
 *
 * Use: `function rule<const T extends TopicLiteral>(on: CheckTopic<T>, do: (params: Params<T>) => …)`.
 */

/** The filters of a trigger: one or several. */
export type TopicLiteral = string | readonly string[]

/**
 * The params that a filter gives. Of several filters: what all of them name is there for sure, what only some
 * name may be undefined. A filter that is not known before the program runs may give anything.
 */
export type Params<T extends TopicLiteral> = ParamsOfUnion<T extends readonly string[] ? T[number] : T>

/**
 * T itself when it is good; otherwise the sentence (for several filters, one in the place of each that is
 * bad).
 */
export type CheckTopic<T extends TopicLiteral> = [ProblemIn<T>] extends [never] ? T : Checked<T>

// Written out, so that an editor and a compile error show the params and not how they came about.
type ParamsOfUnion<T> = [T] extends [string]
  ? string extends T
    ? { readonly [name: string]: string }
    : {
        readonly [K in Names<T>]: K extends keyof NamesOfEach<T> ? string : string | undefined
      }
  : never

// The keyof of a union of objects holds only the keys that all of them have.
type NamesOfEach<T> = T extends string ? { readonly [K in Names<T>]: string } : never

/** The names of a filter's wildcards, as a union. */
type Names<T, Found = never> = T extends `${infer Level}/${infer Rest}`
  ? Names<Rest, Found | NameOf<Level>>
  : Found | NameOf<T>

type NameOf<Level> = Level extends `${'+' | '#'}${infer Name}` ? (Name extends '' ? never : Name) : never

type Checked<T> = T extends readonly string[]
  ? { readonly [K in keyof T]: T[K] extends string ? ProblemOr<T[K]> : never }
  : ProblemOr<T>

type ProblemIn<T> = T extends readonly string[] ? Problem<T[number]> : Problem<T>
type ProblemOr<T> = [Problem<T>] extends [never] ? T : Problem<T>

/** The sentence for a bad filter, never for a good one. */
type Problem<T> = T extends string
  ? string extends T
    ? never
    : T extends ''
      ? 'This topic filter is empty; it needs at least one character'
      : T extends `${string}\0${string}`
        ? 'This topic filter holds U+0000; MQTT forbids it: take it out'
        : T extends `$share/${string}`
          ? 'A rule sees every message by itself: leave $share/group/ out of its topic filter'
          : LevelProblem<T>
  : never

type LevelProblem<T extends string, Seen = never> = T extends `${infer Level}/${infer Rest}`
  ? Level extends `#${string}`
    ? `${Level} takes all that follows, so it must be the last level; here ${Rest} comes after it`
    : [OneLevelProblem<Level, Seen>] extends [never]
      ? LevelProblem<Rest, Seen | NameOf<Level>>
      : OneLevelProblem<Level, Seen>
  : OneLevelProblem<T, Seen>

type OneLevelProblem<Level extends string, Seen> = Level extends '+' | '#'
  ? never
  : Level extends `${infer Sign extends '+' | '#'}${infer Name}`
    ? Name extends NotAName
      ? `${Level} names a wildcard, but ${Name} is not a JavaScript name; use letters, digits and _, and no digit first`
      : Name extends Seen
        ? `Two wildcards are named ${Name}; give each its own name, as in ${Sign}${Name}2`
        : never
    : Level extends `${string}#${string}`
      ? `# must begin its level, and be the last one; here it stands inside of ${Level}`
      : Level extends `${string}+${string}`
        ? `+ must begin its level; here it stands inside of ${Level}`
        : never

type NotAName = `${string}${NotInNames}${string}` | `${Digit}${string}`
type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
// The characters of ASCII that a name cannot hold; the rest is seen to when the rule loads.
type NotInNames = CharactersOf<' !"#%&\'()*+,-.:;<=>?@[\\]^`{|}~'>
type CharactersOf<T, Found = never> = T extends `${infer First}${infer Rest}`
  ? CharactersOf<Rest, Found | First>
  : Found
