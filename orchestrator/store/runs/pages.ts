import type { PlanStep } from '../../contract/index.ts'

const maxSteps = 200
/** Temporal's payloads end at 2 MB, and a page travels with other things. */
const maxBytes = 500_000

/** Cuts a plan into pages, each as its JSON. At least one page; a page exceeds the bytes only by a single step. */
export function pagesOf(steps: readonly PlanStep[]): string[] {
  const pages: string[][] = [[]]
  let bytes = 0
  for (const step of steps) {
    const json = JSON.stringify(step)
    const page = pages.at(-1)!
    if (page.length > 0 && (page.length === maxSteps || bytes + json.length > maxBytes)) {
      pages.push([json])
      bytes = json.length
    } else {
      page.push(json)
      bytes += json.length
    }
  }
  return pages.map((page) => `[${page.join(',')}]`)
}
