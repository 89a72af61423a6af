import type { ConfiguredAirbyteStream, JsonData } from '../../protocol/index.ts'

/** A destination to be tried, in whatever language. */
export interface ConformanceTarget {
  readonly command: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** One that works. */
  readonly config: JsonData
  /** Ones that `check` has to turn down, by what is wrong with them. */
  readonly badConfigs: Readonly<Record<string, JsonData>>
  readonly stream: ConfiguredAirbyteStream
  /** The n-th row; no two have the same key. `text`, if it is given, is to be in one of its fields. */
  readonly row: (n: number, text?: string) => JsonData
  /** Rows at the destination by now, if that can be told. */
  readonly written?: () => Promise<number>
  /** Whether it is made with the kit, and so keeps promises beyond the protocol's. */
  readonly kit: boolean
  /** What the protocol's declaration says against a message. */
  readonly messageErrors: (message: unknown) => readonly string[]
  readonly timeoutMs: number
}

export interface ConformanceCase {
  readonly name: string
  /** Rejects, with what was expected, if the destination does not conform. */
  run(): Promise<void>
}
