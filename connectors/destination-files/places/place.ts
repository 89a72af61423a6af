/** Where files go. */
export interface Place {
  /** A folder for files that are not whole yet. */
  readonly aside: string
  /** Throws, with a message that helps, unless files can be put here. */
  check(): Promise<void>
  /** The file is there under this name, whole and durable, in place of one that was; or it is not there at all. */
  put(path: string, name: string): Promise<void>
  close(): Promise<void>
}
