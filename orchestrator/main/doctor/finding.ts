import { isTraitlineError } from '../../contract/index.ts'

/** One line of `traitline doctor`. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do about it; null where nothing is to be done. */
  readonly fix: string | null
}

export type Check = () => Promise<Finding | readonly Finding[]>

export const ok = (name: string, detail: string): Finding => ({ name, state: 'ok', detail, fix: null })
export const warn = (name: string, detail: string, fix: string): Finding => ({ name, state: 'warn', detail, fix })
export const fail = (name: string, detail: string, fix: string): Finding => ({ name, state: 'fail', detail, fix })

/** A check that throws has found something too. */
export async function findingsOf(name: string, check: Check): Promise<readonly Finding[]> {
  try {
    const found = await check()
    return Array.isArray(found) ? (found as readonly Finding[]) : [found as Finding]
  } catch (error) {
    if (isTraitlineError(error)) return [fail(name, error.message, error.hint)]
    return [fail(name, error instanceof Error ? error.message : String(error), 'Run it with --verbose and report it.')]
  }
}
